"""The live viewport: a posed, lit head drawn off-screen by VTK and painted by Qt."""
