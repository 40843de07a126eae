package consumer

import ai.mountsea.nanobanana.NanoBanana
import ai.mountsea.nanobanana.api.GenerateImageRequest
import ai.mountsea.nanobanana.api.TaskResult
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext

/**
 * Generates an image in a coroutine, which holds no thread meanwhile.
 *
 * Once the submit has begun, cancelling the coroutine doesn't end it: whether a task exists, and is
 * billed, would be unknown, and `submitAsync(request).await()` alone says nothing but
 * `CancellationException`. So the submit is finished and [onTaskId] is told the id. Cancelling
 * then ends the waiting at once; the task goes on, and `awaitAsync` takes it up again by its id.
 */
suspend fun NanoBanana.generateCancellable(
    request: GenerateImageRequest,
    onTaskId: (String) -> Unit,
): TaskResult {
    val taskId = withContext(NonCancellable) {
        submitAsync(request).await().also(onTaskId)
    }
    return awaitAsync(taskId).await()
}
