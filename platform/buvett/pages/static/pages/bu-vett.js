// Designsystemet's hints are for whoever builds a page, not for whoever reads it.
window.dsWarnings = false;
