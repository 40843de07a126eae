package ai.mountsea.nanobanana;

import java.io.Serializable;

/**
 * One thing that is wrong with a request.
 *
 * @param rule which rule is broken; stable, to branch on
 * @param field the name on the wire of the field to fix, such as {@code image_urls}
 * @param message what is wrong, where, and what to do, for people
 */
public record Violation(Rule rule, String field, String message) implements Serializable {

  /** The rules of the API, each as {@link RequestRules} checks it and in its order. */
  public enum Rule {
    /** The prompt has a character that shows. */
    PROMPT_NOT_BLANK,
    /** The prompt can be encoded in UTF-8: no surrogate is without its pair. */
    PROMPT_IS_UNICODE,
    /** An edit has at least one image. */
    EDIT_NEEDS_IMAGE_URLS,
    /** The number of images is one that the service makes. */
    NUM_IMAGES_IN_RANGE,
    /** Each image URL is absolute, http or https, and has a host and a valid port. */
    IMAGE_URL_IS_HTTP,
    /** An aspect ratio is one that the model has. */
    ASPECT_RATIO_FITS_MODEL,
    /** A resolution is given only to a model that takes one. */
    RESOLUTION_FITS_MODEL
  }
}
