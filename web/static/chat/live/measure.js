// What a browser can tell of a file before it is sent: how large a picture is, how long a
// recording, and one frame that stands for a video. What it can't play is a file like any other.

// How long a file may take to be looked at, in milliseconds; how large a frame is, in pixels.
const PATIENCE = 6_000;
const FRAME = 480;

const LOOKS = { image, video, audio };

// measure resolves to {type, preview, poster, width, height, duration}: preview is an object URL
// to show, poster a Blob, and 0 or nothing is not known. It never rejects.
export async function measure(file) {
  const look = LOOKS[file.type.split("/")[0]];
  if (!look) return { type: "file" };
  const url = URL.createObjectURL(file);
  try {
    const known = await look(url);
    if (!known.preview) URL.revokeObjectURL(url);
    return known;
  } catch {
    URL.revokeObjectURL(url);
    return { type: "file" };
  }
}

async function image(url) {
  const picture = new Image();
  await happens(picture, "load", () => (picture.src = url));
  return { type: "image", preview: url, width: picture.naturalWidth, height: picture.naturalHeight };
}

async function audio(url) {
  const sound = new Audio();
  await happens(sound, "loadedmetadata", () => (sound.src = url));
  return { type: "file", duration: length(sound) };
}

async function video(url) {
  const film = document.createElement("video");
  film.muted = true;
  film.playsInline = true;
  await happens(film, "loadeddata", () => (film.src = url));
  const known = { type: "video", width: film.videoWidth, height: film.videoHeight, duration: length(film) };
  if (!known.width) return { type: "file" };
  const poster = await frame(film, known).catch(() => undefined);
  film.removeAttribute("src"); // lets go of the file
  film.load();
  return { ...known, poster, preview: poster && URL.createObjectURL(poster) };
}

// frame is a picture of a moment shortly after the beginning, which is often black.
async function frame(film, { width, height, duration }) {
  await happens(film, "seeked", () => (film.currentTime = Math.min(1, duration / 10)));
  const scale = Math.min(1, FRAME / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext("2d").drawImage(film, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob((blob) => done(blob ?? undefined), "image/jpeg", 0.8));
}

// A recording that was streamed into its file has no length in it.
const length = ({ duration }) => (Number.isFinite(duration) ? duration : 0);

// happens begins something and resolves when it has come about.
function happens(element, event, begin) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(reject, PATIENCE);
    const settle = (how) => () => {
      clearTimeout(late);
      how();
    };
    element.addEventListener(event, settle(resolve), { once: true });
    element.addEventListener("error", settle(reject), { once: true });
    begin();
  });
}
