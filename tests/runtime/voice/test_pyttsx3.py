"""The real pyttsx3 in its real worker process; on Linux it drives espeak-ng."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import numpy as np
import psutil
import pytest

from robot_runtime.errors import VoiceError
from robot_runtime.voice.pitch import median_f0
from robot_runtime.voice.pyttsx3_engine import Pyttsx3Voice
from robot_runtime.voice.settings import VoiceSettings
