# SPDX-License-Identifier: Apache-2.0
"""Lets Volatility find its own Windows plugins beside ours: its documentation asks for this file in every folder."""

import os
import sys

_parent = sys.modules[__name__.rpartition(".")[0]]
__path__ = [os.path.join(folder, "windows") for folder in _parent.__path__]
