/** Why a part of a film does not come yet, in the words of the answer. */

const FULL = "disk_full"; // all else is a matter of moments
let why = "";

/** Why one waits, or nothing out of the ordinary. */
export const whyWaits = () => why;

/** Take note of what went wrong with a part. */
export function noteWait({ response, networkDetails }) {
  if (response?.code !== 503) return;
  try {
    const told = JSON.parse(new TextDecoder().decode(networkDetails.response));
    why = told.reason === FULL ? told.detail : "";
  } catch {
    why = "";
  }
}

/** Something came. */
export function forgetWait() {
  why = "";
}
