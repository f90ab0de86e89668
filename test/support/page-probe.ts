/**
 * What a page looks like to whom it is shown to, asked in the page itself: as text, since the types
 * of a browser's document are not loaded here.
 */
export interface Look {
  readonly plots: readonly {
    readonly label: string
    readonly width: number
    readonly height: number
  }[]
  /** Of figures without any visible plot. */
  readonly empty: readonly string[]
  readonly scrollWidth: number
  readonly clientWidth: number
  /** Of the texts in plots, in px on the screen. */
  readonly smallestText: number
  /** Texts in plots that stand on one another, or outside of the page. */
  readonly collisions: readonly string[]
  /** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
  readonly faint: readonly string[]
  /** Of the marks in plots, the lowest contrast with the page (WCAG 2.2, 1.4.11). */
  readonly faintestMark: number
}

export const lookScript = `(() => {
  const shown = (element) => element.getClientRects().length > 0
  const channels = (color) => color.match(/[\\d.]+/g).map(Number)
  const luminance = (color) => {
    const [r, g, b] = channels(color).slice(0, 3).map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (channels(color)[3] !== 0) return color
    }
    return 'rgb(255, 255, 255)'
  }
  const has = (element) => [...element.childNodes].some((it) => it.nodeType === 3 && it.data.trim() !== '')

  for (const details of document.querySelectorAll('details')) details.open = true
  const root = document.documentElement
  const plots = [...document.querySelectorAll('svg[role=img]')].filter(shown)
  const texts = plots.flatMap((svg) => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width
    return [...svg.querySelectorAll('text')].filter((it) => it.textContent.trim() !== '').map((text) => ({
      svg,
      text: text.textContent,
      px: parseFloat(getComputedStyle(text).fontSize) * scale,
      box: text.getBoundingClientRect(),
    }))
  })
  const collisions = texts.flatMap((one, at) => {
    const { box, svg } = one
    if (box.left < 0 || box.right > root.clientWidth) return [one.text + ' is outside']
    const on = texts.slice(at + 1).find((other) => other.svg === svg &&
      Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left) > 1 &&
      Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top) > 3)
    return on === undefined ? [] : [svg.getAttribute('aria-label') + ': ' + one.text + ' on ' + on.text]
  })
  const faint = [...document.body.querySelectorAll('*')].filter((it) => shown(it) && has(it)).flatMap((element) => {
    const style = getComputedStyle(element)
    const color = element.namespaceURI.endsWith('svg') ? style.fill : style.color
    const ratio = contrast(color, behind(element))
    return ratio >= 4.5 ? [] : [element.textContent + ': ' + ratio.toFixed(2)]
  })
  const page = getComputedStyle(document.body).backgroundColor
  const probe = document.createElement('i')
  document.body.append(probe)
  const marks = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6', 'series-7', 'series-8', 'other', 'goal'].map((name) => {
    probe.style.color = 'var(--' + name + ')'
    return contrast(getComputedStyle(probe).color, page)
  })
  probe.remove()
  return {
    plots: plots.map((svg) => {
      const { width, height } = svg.getBoundingClientRect()
      return { label: svg.getAttribute('aria-label'), width, height }
    }),
    empty: [...document.querySelectorAll('figure')]
      .filter((figure) => ![...figure.querySelectorAll('svg[role=img]')].some(shown))
      .map((figure) => figure.textContent.slice(0, 80)),
    scrollWidth: root.scrollWidth,
    clientWidth: root.clientWidth,
    smallestText: Math.min(...texts.map(({ px }) => px)),
    collisions,
    faint,
    faintestMark: Math.min(...marks),
  }
})()`

export interface Shades {
  /** From 0, black, to 255, white. */
  readonly mean: number
  /** Of 4,096 that are told apart. */
  readonly colors: number
}

/** For a page that may load a data: address: what a screenshot is made of. */
export const shadesScript = (pngBase64: string): string => `(async () => {
  const blob = await (await fetch('data:image/png;base64,${pngBase64}')).blob()
  const bitmap = await createImageBitmap(blob)
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
  const context = canvas.getContext('2d')
  context.drawImage(bitmap, 0, 0)
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
  const colors = new Set()
  let sum = 0
  for (let at = 0; at < data.length; at += 4) {
    sum += (data[at] + data[at + 1] + data[at + 2]) / 3
    colors.add(((data[at] >> 4) << 8) | ((data[at + 1] >> 4) << 4) | (data[at + 2] >> 4))
  }
  return { mean: sum / (data.length / 4), colors: colors.size }
})()`
