"""Codes with right and wrong check characters, pictures, videos, and the QR on a PDF."""
import subprocess

CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(first_17):
    """GB 32100-2015: the code with its check character."""
    total = sum(CREDIT_LETTERS.index(c) * pow(3, at, 31) for at, c in enumerate(first_17))
    return first_17 + CREDIT_LETTERS[-total % 31]


def other_digit(digits, at):
    """The same digits but one."""
    return digits[:at] + str((int(digits[at]) + 1) % 10) + digits[at + 1:]


def check_pair(body):
    """The two check digits by ISO 7064 MOD 97-10."""
    return f"{98 - int(body) * 100 % 97:02}"


def digits_of(shown):
    return "".join(shown.split())


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 0x01
    return bytes(changed)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, timeout=60)
    assert done.returncode == 0, f"{command[0]}: {done.stderr.decode(errors='replace')[-400:]}"
    return done.stdout


def film(picture, video):
    """A phone held before a counter's camera: the picture on a grey ground, as Chromium's fake camera plays it."""
    run(
        "ffmpeg", "-y", "-loglevel", "error", "-loop", "1", "-i", picture, "-t", "1", "-r", "10",
        "-vf", "scale=400:400,pad=960:640:(ow-iw)/2:(oh-ih)/2:color=gray,format=yuvj420p", "-q:v", "3", "-f", "mjpeg", video,
    )


def qr_of_pdf(pdf, folder):
    """What a phone reads off the printed first page."""
    run("pdftoppm", "-r", "200", "-f", "1", "-l", "1", "-png", "-singlefile", pdf, folder / "printed")
    return run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", folder / "printed.png").decode().strip()
