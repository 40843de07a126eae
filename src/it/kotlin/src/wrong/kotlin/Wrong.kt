package consumer

import ai.mountsea.nanobanana.NanoBananaException
import ai.mountsea.nanobanana.RefusedException
import ai.mountsea.nanobanana.api.GenerateImageRequest
import ai.mountsea.nanobanana.api.Model

fun modelOf(request: GenerateImageRequest): Model = request.model()

fun statusOf(failure: NanoBananaException): Int = when (failure) {
    is RefusedException -> 1
}
