// What came with the library.
def version = new groovy.xml.XmlSlurper().parse(new File(basedir, 'pom.xml')).dependencies.dependency[0].version.text()
def folder = new File(localRepositoryPath, "ai/mountsea/nano-banana/$version")
def file = { new File(folder, "nano-banana-$version$it") }

['.jar', '-sources.jar', '-javadoc.jar', '-sandbox.jar', '-pact.json', '-cyclonedx.json'].each { assert file(it).isFile() }

def pom = new groovy.xml.XmlSlurper().parse(file('.pom'))
['name', 'description', 'url', 'licenses', 'scm'].each { assert !pom."$it".isEmpty() }
['parent', 'build', 'profiles'].each { assert pom."$it".isEmpty() }
assert pom.dependencies.dependency*.scope*.text().unique() == ['compile']

def bom = new groovy.json.JsonSlurper().parse(file('-cyclonedx.json'))
assert bom.components*.name.sort() == ['annotations', 'converter-moshi', 'jspecify', 'kotlin-stdlib', 'kotlin-stdlib-jdk7',
    'kotlin-stdlib-jdk8', 'moshi', 'okhttp', 'okio', 'okio-jvm', 'retrofit']

def manifest = new java.util.jar.JarFile(file('.jar')).withCloseable { it.manifest.mainAttributes }
assert manifest.getValue('Automatic-Module-Name') == 'ai.mountsea.nanobanana'
assert manifest.getValue('Implementation-Version') == version
