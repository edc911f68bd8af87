"""What makes a line or a sample worth a case, one judgement a file; each subclasses `detector.Detector`."""
