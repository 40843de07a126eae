def log = new File(basedir, 'build.log').text
assert log.contains("Wrong.kt:8:53 Return type mismatch: expected 'Model', actual 'Model?'.")
assert log.contains("Wrong.kt:10:51 'when' expression must be exhaustive. Add the 'is ImageDownloadException', ")
