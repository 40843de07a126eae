module consumer {
  requires ai.mountsea.nanobanana;
  requires ai.mountsea.nanobanana.sandbox;
  // Automatic modules, as OkHttp is one, require nothing by themselves.
  requires kotlin.stdlib;
}
