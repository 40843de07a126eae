package consumer

import ai.mountsea.nanobanana.NanoBanana
import ai.mountsea.nanobanana.NanoBananaException
import ai.mountsea.nanobanana.api.Action
import ai.mountsea.nanobanana.api.GenerateImageRequest
import ai.mountsea.nanobanana.api.ImageResult
import ai.mountsea.nanobanana.sandbox.Sandbox
import ai.mountsea.nanobanana.sandbox.Script
import java.nio.file.Files
import java.time.Duration
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

val request = GenerateImageRequest.builder("A cat", Action.GENERATE).build()

fun main() {
    Sandbox.start().use { sandbox ->
        sandbox.client().use { nanoBanana ->
            nulls(sandbox, nanoBanana)
            failures(sandbox, nanoBanana)
            cancelledDuringTheSubmit(sandbox, nanoBanana)
            cancelledWhileWaiting(sandbox, nanoBanana)
        }
    }
}

fun nulls(sandbox: Sandbox, nanoBanana: NanoBanana) {
    sandbox.next(Script.completesAfter(0))
    val prompt: String = request.prompt()
    check(request.model() == null)
    val result = nanoBanana.await(nanoBanana.submit(request))
    val images: ImageResult? = result.result()
    val image = nanoBanana.save(result, Files.createTempDirectory("kotlin")).first()
    println("$prompt: ${Files.size(image)} bytes from ${images?.imageUrls()?.first()}")
}

fun failures(sandbox: Sandbox, nanoBanana: NanoBanana) {
    sandbox.next(Script.losesReply())
    try {
        nanoBanana.submit(request)
        error("The reply was not lost")
    } catch (e: NanoBananaException) {
        check(whatToDo(e) == "Look for the task before you submit again")
    }
}

fun cancelledDuringTheSubmit(sandbox: Sandbox, nanoBanana: NanoBanana) = runBlocking {
    sandbox.reset().next(Script.slowSubmit(Duration.ofSeconds(1)))
    val noted = CompletableDeferred<String>()
    val coroutine = launch(Dispatchers.Default) { nanoBanana.generateCancellable(request, noted::complete) }
    while (sandbox.requests().isEmpty()) Thread.onSpinWait()

    coroutine.cancelAndJoin()

    check(coroutine.isCancelled)
    check(noted.isCompleted)
    check(sandbox.submitted() == 1)
    println("Cancelled during the submit: task ${noted.await()} was created")
}

fun cancelledWhileWaiting(sandbox: Sandbox, nanoBanana: NanoBanana) = runBlocking {
    sandbox.reset().next(Script.completesAfter(1))
    val noted = CompletableDeferred<String>()
    val coroutine = launch(Dispatchers.Default) { nanoBanana.generateCancellable(request, noted::complete) }
    val taskId = noted.await()

    coroutine.cancelAndJoin()

    check(coroutine.isCancelled)
    println("Cancelled while waiting: task $taskId is ${nanoBanana.await(taskId).status()} later")
}
