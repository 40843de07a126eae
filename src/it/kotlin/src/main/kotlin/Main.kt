package consumer

import ai.mountsea.nanobanana.api.Action
import ai.mountsea.nanobanana.api.GenerateImageRequest
import ai.mountsea.nanobanana.api.ImageResult
import ai.mountsea.nanobanana.sandbox.Sandbox
import ai.mountsea.nanobanana.sandbox.Script
import java.nio.file.Files

fun main() {
    val request = GenerateImageRequest.builder("A cat", Action.GENERATE).build()
    val prompt: String = request.prompt()
    check(request.model() == null)
    Sandbox.start().next(Script.completesAfter(0)).use { sandbox ->
        sandbox.client().use { nanoBanana ->
            val result = nanoBanana.await(nanoBanana.submit(request))
            val images: ImageResult? = result.result()
            val image = nanoBanana.save(result, Files.createTempDirectory("kotlin")).first()
            println("$prompt: ${Files.size(image)} bytes from ${images?.imageUrls()?.first()}")
        }
    }
}
