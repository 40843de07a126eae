assert new File(basedir, 'build.log').text.contains("Wrong.kt:6:53 Return type mismatch: expected 'Model', actual 'Model?'.")
