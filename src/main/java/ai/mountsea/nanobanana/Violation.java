package ai.mountsea.nanobanana;

/**
 * One thing that is wrong with a request.
 *
 * @param rule which rule is broken; stable, to branch on
 * @param field the name on the wire of the field to mend, such as {@code image_urls}
 * @param message what was found, what is allowed and what to do, for a person
 */
public record Violation(Rule rule, String field, String message) {

  /** The rules of the API, each as {@link RequestRules} checks it and in its order. */
  public enum Rule {
    /** The prompt says something. [page] */
    PROMPT_NOT_BLANK,
    /** An edit has at least one image. [page] */
    EDIT_NEEDS_IMAGE_URLS,
    /** The number of images is one that the service makes. [page] */
    NUM_IMAGES_IN_RANGE,
    /** Each image URL is absolute, http or https, and has a host. [page] */
    IMAGE_URL_IS_HTTP,
    /** An aspect ratio is one that the model has. [page] */
    ASPECT_RATIO_FITS_MODEL,
    /** A resolution is given only to a model that takes one. [page] */
    RESOLUTION_FITS_MODEL
  }
}
