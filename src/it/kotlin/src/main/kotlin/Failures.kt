package consumer

import ai.mountsea.nanobanana.ImageDownloadException
import ai.mountsea.nanobanana.InvalidRequestException
import ai.mountsea.nanobanana.NanoBananaException
import ai.mountsea.nanobanana.NotSentException
import ai.mountsea.nanobanana.OutcomeUnknownException
import ai.mountsea.nanobanana.RateLimitedException
import ai.mountsea.nanobanana.RefusedException
import ai.mountsea.nanobanana.ResultNotUnderstoodException
import ai.mountsea.nanobanana.ResultUnavailableException
import ai.mountsea.nanobanana.TaskFailedException
import ai.mountsea.nanobanana.TaskNotFinishedException

/** Needs no else: the exceptions are sealed, and the compiler names one that is missing. */
fun whatToDo(failure: NanoBananaException): String = when (failure) {
    is InvalidRequestException -> "Fix ${failure.violations().joinToString { it.field() }}"
    is NotSentException -> "Submit again"
    is RateLimitedException -> "Submit again after ${failure.retryAfter()}"
    is RefusedException -> "Read ${failure.serviceMessage()}"
    is OutcomeUnknownException -> "Look for the task before you submit again"
    is ResultUnavailableException -> "Read task ${failure.taskId()} again later"
    is ResultNotUnderstoodException -> "Read ${failure.body()}"
    is TaskFailedException -> "Read ${failure.result().errorMessage()}"
    is TaskNotFinishedException -> "Await task ${failure.taskId()} again"
    is ImageDownloadException -> "Download the image of task ${failure.taskId()} again"
}
