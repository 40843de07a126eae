package consumer

import ai.mountsea.nanobanana.api.GenerateImageRequest
import ai.mountsea.nanobanana.api.Model

fun modelOf(request: GenerateImageRequest): Model = request.model()
