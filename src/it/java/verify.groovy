// What came with the library.
def version = new groovy.xml.XmlSlurper().parse(new File(basedir, 'pom.xml')).dependencies.dependency[0].version.text()
def folder = new File(localRepositoryPath, "ai/mountsea/nano-banana/$version")
def file = { new File(folder, "nano-banana-$version$it") }

['-pact.json', '-cyclonedx.json'].each { assert file(it).isFile() }

// Each package is in the artifacts that it belongs to and in no other.
def packages = { jar, type ->
    new java.util.jar.JarFile(file(jar)).withCloseable { it.entries()*.name }
            .findAll { it.endsWith(type) && it.startsWith('ai/') && !it.contains('/class-use/') }
            .collect { it.substring(0, it.lastIndexOf('/')).substring('ai/mountsea/'.length()) }.unique().sort()
}
assert packages('.jar', '.class') == ['nanobanana', 'nanobanana/api', 'nanobanana/internal']
assert packages('-sources.jar', '.java') == ['nanobanana', 'nanobanana/api', 'nanobanana/internal']
assert packages('-javadoc.jar', '.html') == ['nanobanana', 'nanobanana/api', 'nanobanana/internal', 'nanobanana/sandbox']
assert packages('-sandbox.jar', '.class') == ['nanobanana/sandbox']
assert packages('-sandbox-sources.jar', '.java') == ['nanobanana/sandbox']
assert packages('-sandbox-javadoc.jar', '.html') == ['nanobanana/sandbox']

// The sandbox's sources are all that its jar was made of, and its Javadoc has each public type.
def files = { jar -> new java.util.jar.JarFile(file(jar)).withCloseable { it.entries()*.name }.findAll { it.startsWith('ai/') && !it.endsWith('/') } }
def top = { name -> name.replaceFirst(/(\$.*)?\.(class|java)$/, '') }
assert files('-sandbox-sources.jar').collect(top).unique().sort() ==
        (files('-sandbox.jar').collect(top) + 'ai/mountsea/nanobanana/sandbox/package-info').unique().sort()
['Sandbox', 'Sandbox.Builder', 'SandboxProcess', 'Script', 'package-summary'].each {
    assert files('-sandbox-javadoc.jar').contains("ai/mountsea/nanobanana/sandbox/${it}.html".toString())
}
assert file('-sandbox-standalone.jar').isFile()

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

// The jar is small, because it has no POM within and no names of local variables; it has line numbers.
assert file('.jar').length() <= 200_000
assert ['.jar', '-sources.jar', '-javadoc.jar', '-sandbox.jar', '-sandbox-sources.jar', '-sandbox-javadoc.jar', '-sandbox-standalone.jar']
        .every { jar -> new java.util.jar.JarFile(file(jar)).withCloseable { !it.entries()*.name.any { it.startsWith('META-INF/maven/') } } }
def client = new java.util.jar.JarFile(file('.jar')).withCloseable { it.getInputStream(it.getEntry('ai/mountsea/nanobanana/NanoBanana.class')).text }
assert client.contains('LineNumberTable')
assert !client.contains('LocalVariableTable')
