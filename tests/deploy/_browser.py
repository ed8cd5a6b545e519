"""One page in Chromium that tests type into, over the pipe of its own protocol."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time

from tests.deploy._chromium import CHROMIUM, FLAGS

PATIENCE = 60  # s that one answer may take


# What is asked of a page that loads itself anew just then.
LEFT = ("navigated or closed", "context was destroyed", "Cannot find context")


class PageLeft(AssertionError):
    """The page was left before it answered."""


class Browser:
    """Chromium with one window; what it is asked is answered, or the test fails."""

    def __init__(self, folder):
        asked, self.out = os.pipe()
        self.into, answers = os.pipe()
        flags = [flag for flag in FLAGS if "virtual-time" not in flag]
        command = [CHROMIUM, *flags, f"--user-data-dir={folder}"]
        # The browser reads from 3 and writes to 4, whatever the pipes are called here.
        start = (
            "import fcntl, os, sys; high = [fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) "
            "for n in sys.argv[1:3]]; os.dup2(high[0], 3); os.dup2(high[1], 4); "
            "os.execv(sys.argv[3], sys.argv[3:])"
        )
        launch = [sys.executable, "-S", "-c", start, str(asked), str(answers)]
        self.process = subprocess.Popen(
            [*launch, *command, "--remote-debugging-pipe"],
            pass_fds=(asked, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(asked)
        os.close(answers)
        self.folder, self.number, self.rest = folder, 0, b""
        self.session, self.told = None, []
        self._attach()

    def _attach(self, **context):
        made = self.ask("Target.createTarget", url="about:blank", **context)
        target = made["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for part in ("Page", "Runtime", "Log"):
            self.ask(f"{part}.enable")

    @contextlib.contextmanager
    def fresh(self):
        """Open a window of its own, which knows nothing of the others."""
        before, self.session = self.session, None
        context = self.ask("Target.createBrowserContext")
        try:
            self._attach(**context)
            yield
        finally:
            self.session = None
            self.ask("Target.disposeBrowserContext", **context)
            self.session = before

    def close(self):
        with contextlib.suppress(AssertionError, OSError):
            self.session = None
            self.ask("Browser.close")
        self.process.wait(PATIENCE)
        os.close(self.out)
        os.close(self.into)
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, **values):
        self.number += 1
        message = {"id": self.number, "method": method, "params": values}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            found = self._next()
            if found.get("id") == self.number:
                told = found.get("error", {}).get("message", "")
                if any(words in told for words in LEFT):
                    raise PageLeft(method, found)
                assert "error" not in found, (method, found)
                return found["result"]
            self.told.append(found)

    def _next(self):
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.into], [], [], end - time.monotonic())
            assert ready, "the browser does not answer"
            some = os.read(self.into, 1 << 20)
            assert some, "the browser has ended"
            self.rest += some
        line, self.rest = self.rest.split(b"\0", 1)
        return json.loads(line)

    @property
    def errors(self):
        """What the console was told as an error, and exceptions that nobody caught."""
        found = []
        for event in self.told:
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(event["params"]["exceptionDetails"])
            entry = event.get("params", {}).get("entry", {})
            if entry.get("level") == "error":
                found.append(entry["text"])
        return found

    def open(self, path, *, width=1280, height=900):
        self.told.clear()
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.ask("Emulation.setDeviceMetricsOverride", mobile=width < 700, **size)
        self.ask("Page.navigate", url=path.as_uri())
        self.until("document.readyState === 'complete'")

    def run(self, script):
        """Evaluate an expression, or a promise, and return what comes out."""
        found = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not self._holds(condition):
            assert time.monotonic() < end, (
                condition,
                self.run("document.body.innerText"),
            )
            time.sleep(0.03)

    def _holds(self, condition):
        try:
            return self.run(condition)
        except PageLeft:
            return False

    def give(self, selector, *paths):
        """Choose files in a field, as the user does in the dialog."""
        document = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=document, selector=selector)
        files = [str(path) for path in paths]
        self.ask("DOM.setFileInputFiles", nodeId=node["nodeId"], files=files)

    def drop(self, selector, *paths):
        """Drop files onto an element, as their bytes."""
        files = [(p.name, base64.b64encode(p.read_bytes()).decode()) for p in paths]
        self.run(
            f"""(() => {{
            const data = new DataTransfer();
            for (const [name, text] of {json.dumps(files)}) {{
              const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
              data.items.add(new File([bytes], name));
            }}
            const made = {{ dataTransfer: data, bubbles: true, cancelable: true }};
            const zone = document.querySelector({json.dumps(selector)});
            zone.dispatchEvent(new DragEvent("drop", made));
            }})()"""
        )

    def mouse(self, kind, x, y, **more):
        values = {"button": "left", "clickCount": 1} | more
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **values)

    def key(self, name, times=1, **more):
        for _ in range(times):
            text = {"text": name} if len(name) == 1 else {}
            text = {"text": "\r"} if name == "Enter" else text
            self.ask("Input.dispatchKeyEvent", type="keyDown", key=name, **text, **more)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=name, **more)

    def picture(self, path):
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"]}
        found = self.ask(
            "Page.captureScreenshot",
            captureBeyondViewport=True,
            clip={**clip, "scale": 1},
        )
        path.write_bytes(base64.b64decode(found["data"]))
