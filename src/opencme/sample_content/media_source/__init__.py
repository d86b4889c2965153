"""How the recordings of the demonstration were made: texts, voice, slides, captions, files.

Run by hand when a narration changes (`python -m opencme.sample_content.media_source`); what it makes is
committed beside the packages, so that an installation needs neither a voice nor an encoder. It needs Debian's
festival, festvox-us-slt-hts, flite, sox and ffmpeg.
"""
