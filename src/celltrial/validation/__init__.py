"""Validation: numbered requirements bound to tests, run where the program is installed, and a report to be signed.

requirements.py reads validation/urs.yaml and checking.py holds it against the tests there are; pack.py finds both,
shipped or in a checkout; running.py runs the bound tests, plugin.py tells how they go; installation.py and
configuration.py look at this installation and at one study; judging.py says what all of that shows; document.py and
report.py write it, sealing.py signs it. Stands above the simulator, because a study is qualified by a simulated run;
nothing but the command line imports it. Nothing is imported here: each test process loads the plugin, and no more.
"""

__all__: list[str] = []
