# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import ova
from image_kinds import DISK, KINDS


def deployed(path):
    """What would be deployed: the descriptor, the hardware and the disk."""
    image = ova.read(str(path))
    hardware = image.hardware()
    image.properties()
    (disk,) = image.streams(list(image.files))
    sent = b"".join(disk.blocks(5))
    image.finish()
    return image, hardware, sent


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])
def test_an_image_is_deployed_or_refused_in_one_sentence(tmp_path, kind):
    path = kind.make(tmp_path)
    if kind.says is None:
        image, hardware, sent = deployed(path)
        assert sent == DISK
        assert image.adapters == ["eth0"]
        assert hardware.num_cpus == 4
        assert 'encoding="UTF-8"' in image.descriptor
        return
    with pytest.raises(Error) as caught:
        deployed(path)
    said = str(caught.value)
    assert kind.says in said
    assert "\n" not in said
    assert said.startswith(f"{kind.option}: ")
