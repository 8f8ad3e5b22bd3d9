"""The regional plan: written by the intermunicipal group, frozen when it is sent, answered by the chief executives."""
