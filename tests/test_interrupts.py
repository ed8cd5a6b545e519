"""Ctrl-C ends a command with one line, wherever it strikes."""

import signal
import threading

import pytest

from sklearn_orn import cli
from sklearn_orn.cli import _extract_command
from sklearn_orn.cli._interrupts import Interrupts
from sklearn_orn.cli._progress_bar import progress_bar


def press():
    signal.raise_signal(signal.SIGINT)


def test_it_is_a_keyboard_interrupt():
    with pytest.raises(KeyboardInterrupt), Interrupts():
        press()


def test_what_a_kernel_makes_of_it_is_one_too():
    def kernel():
        try:
            press()
        except KeyboardInterrupt:
            raise SystemError("returned a result with an exception set") from None

    with pytest.raises(KeyboardInterrupt), Interrupts():
        kernel()


def test_a_lost_one_is_raised_at_the_next_sign_of_progress():
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt):
            press()
        assert interrupts.pressed
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()


def test_errors_of_others_are_left_alone():
    with pytest.raises(ZeroDivisionError), Interrupts():
        _ = 1 / 0


def test_the_former_handler_comes_back_and_the_press_is_forgotten():
    before = signal.getsignal(signal.SIGINT)
    interrupts = Interrupts()
    with pytest.raises(KeyboardInterrupt), interrupts:
        press()
    assert signal.getsignal(signal.SIGINT) is before
    with interrupts:
        interrupts.check()


def test_another_thread_cannot_listen_but_works():
    done = []

    def work():
        with Interrupts() as interrupts:
            interrupts.check()
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]


def test_a_command_that_loses_it_ends_with_one_line(monkeypatch, capsys, tmp_path):
    def extract(arguments):
        with progress_bar() as progress:
            try:
                press()
            except KeyboardInterrupt:
                pass
            progress("measuring", 1, 2)

    monkeypatch.setattr(_extract_command, "run", extract)
    code = cli.main(["extract", str(tmp_path / "c.csv"), "--out", str(tmp_path / "f")])
    assert code == 130
    assert capsys.readouterr().err.strip() == (
        "sklearn-orn: interrupted; no file is half-written"
    )
