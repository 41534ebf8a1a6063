"""The shading programs: one small physically based model, the same light units as Blender.

Lambert and GGX (Walter et al. 2007) with Schlick's Fresnel; the environment by harmonics and
blurred pictures with Karis's fit of the split-sum term ("Physically Based Shading on Mobile",
2014). Everything is in world axes and metres; positions are drawn where they are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.raster.environment_light import LEVELS
from app.raster.lamps import AREA, MOST, SPOT, SUN
from app.raster.tone import E_GAMUT_FROM_REC709, LOG2_HIGH, LOG2_LOW, SIZE

HEAD_VERTEX = """//VTK::System::Dec
invariant gl_Position;
in vec4 vertexMC;
in vec3 normalMC;
in vec2 tcoord;
in float sky;
in vec4 lampsA;
in vec4 lampsB;
uniform mat4 MCDCMatrix;
out vec3 place;
out vec3 facing;
out vec2 uv;
out float openness;
out vec4 seenA;
out vec4 seenB;
void main() {
  place = vertexMC.xyz;
  facing = normalMC;
  uv = tcoord;
  openness = sky;
  seenA = lampsA;
  seenB = lampsB;
  gl_Position = MCDCMatrix * vertexMC;
}
"""

DEPTH_VERTEX = """//VTK::System::Dec
invariant gl_Position;
in vec4 vertexMC;
uniform mat4 MCDCMatrix;
void main() {
  gl_Position = MCDCMatrix * vertexMC;
}
"""

DEPTH_FRAGMENT = """//VTK::System::Dec
//VTK::Output::Dec
void main() {
  gl_FragData[0] = vec4(0.0, 0.0, 0.0, 1.0);
}
"""

SCREEN_VERTEX = """//VTK::System::Dec
in vec4 vertexMC;
out vec2 screen;
void main() {
  screen = vertexMC.xy;
  gl_Position = vec4(vertexMC.xy, 1.0, 1.0);
}
"""


def _matrix(rows: Iterable[Iterable[float]]) -> str:
    columns = list(zip(*rows, strict=True))
    return "mat3(" + ", ".join(f"{v:.7f}" for column in columns for v in column) + ")"


def tone_mapping(table: bool) -> str:
    """GLSL of ``vec3 toScreen(vec3)``, through the AgX table or by sRGB's curve alone."""
    if not table:
        return """
vec3 toScreen(vec3 light) {
  vec3 x = clamp(light, 0.0, 1.0);
  return mix(x * 12.92, 1.055 * pow(x, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, x));
}
"""
    return f"""
uniform sampler2D toneTable;
vec3 toScreen(vec3 light) {{
  const float n = {SIZE}.0;
  vec3 wide = {_matrix(E_GAMUT_FROM_REC709)} * light;
  vec3 stops = log2(max(wide, vec3(exp2({LOG2_LOW}))));
  vec3 at = clamp((stops - {LOG2_LOW}) / {LOG2_HIGH - LOG2_LOW:.6f}, 0.0, 1.0) * (n - 1.0);
  float low = min(floor(at.b), n - 2.0);
  vec2 cell = vec2((at.r + 0.5 + low * n) / (n * n), (at.g + 0.5) / n);
  vec3 a = textureLod(toneTable, cell, 0.0).rgb;
  vec3 b = textureLod(toneTable, cell + vec2(1.0 / n, 0.0), 0.0).rgb;
  return mix(a, b, at.b - low);
}}
"""


SKY_LIGHT = f"""
uniform mat4 softness[3];  // nine harmonics as columns
uniform vec2 skyTurn;
uniform float skyStrength;
uniform sampler2D glossySky;

vec3 inSky(vec3 d) {{
  return vec3(skyTurn.x * d.x + skyTurn.y * d.y, skyTurn.x * d.y - skyTurn.y * d.x, d.z);
}}

vec3 softSky(vec3 n) {{
  vec3 e = softness[0][0].xyz + softness[0][1].xyz * n.y + softness[0][2].xyz * n.z
    + softness[0][3].xyz * n.x + softness[1][0].xyz * (n.x * n.y)
    + softness[1][1].xyz * (n.y * n.z) + softness[1][2].xyz * (3.0 * n.z * n.z - 1.0)
    + softness[1][3].xyz * (n.x * n.z) + softness[2][0].xyz * (n.x * n.x - n.y * n.y);
  return max(e, vec3(0.0));
}}

vec3 mirroredSky(vec3 d, float roughness) {{
  const float levels = {len(LEVELS)}.0;
  const float side = 64.0;
  vec3 o = d / (abs(d.x) + abs(d.y) + abs(d.z));
  vec2 fold = (1.0 - abs(o.yx)) * vec2(o.x >= 0.0 ? 1.0 : -1.0, o.y >= 0.0 ? 1.0 : -1.0);
  vec2 at = (o.z >= 0.0 ? o.xy : fold) * 0.5 + 0.5;
  at = clamp(at, vec2(0.5 / side), vec2(1.0 - 0.5 / side));
  float level = roughness < {LEVELS[1]} ? roughness / {LEVELS[1]}
    : roughness < {LEVELS[2]} ? 1.0 + (roughness - {LEVELS[1]}) / {LEVELS[2] - LEVELS[1]:.4f}
    : roughness < {LEVELS[3]} ? 2.0 + (roughness - {LEVELS[2]}) / {LEVELS[3] - LEVELS[2]:.4f}
    : 3.0 + (roughness - {LEVELS[3]}) / {LEVELS[4] - LEVELS[3]:.4f};
  float low = min(floor(level), levels - 2.0);
  vec2 cell = vec2(at.x, (at.y + low) / levels);
  vec3 a = textureLod(glossySky, cell, 0.0).rgb;
  vec3 b = textureLod(glossySky, cell + vec2(0.0, 1.0 / levels), 0.0).rgb;
  return mix(a, b, level - low);
}}
"""

_HEAD = f"""
uniform mat4 lamps[{MOST}];
"""
_HEAD += """
in vec3 place;
in vec3 facing;
in vec2 uv;
in float openness;
in vec4 seenA;
in vec4 seenB;
uniform vec3 viewer;
uniform vec3 forward;
uniform int parallel;
uniform vec3 baseColor;
uniform float baseAlpha;
uniform float metallic;
uniform float baseRoughness;
uniform float normalStrength;
uniform float specular;
uniform int stipple;

float noise(vec2 p, float frame) {
  // Jimenez 2014, interleaved gradient noise; by the golden ratio every pixel gets an even spread
  return fract(52.9829189 * fract(dot(p, vec2(0.06711056, 0.00583715))) + 0.61803399 * frame);
}

void main() {
  vec4 base = vec4(baseColor, baseAlpha);
#ifdef COLOR_MAP
  vec4 texel = texture(colorMap, uv);
  base.rgb = texel.rgb;
#ifdef ALPHA_MAP
  base.a *= texel.a;
#endif
#endif
#ifdef SEE_THROUGH
  float threshold = stipple < 0 ? 0.5 : noise(gl_FragCoord.xy, float(stipple));
  if (base.a < max(threshold, 0.004)) discard;
#endif
  float roughness = baseRoughness;
#ifdef ROUGHNESS_MAP
  roughness = texture(roughnessMap, uv).g;
#endif
  roughness = clamp(roughness, 0.05, 1.0);
  vec3 v = parallel == 1 ? -forward : normalize(viewer - place);
  vec3 n = normalize(gl_FrontFacing ? facing : -facing);
#ifdef NORMAL_MAP
  // Schueler 2013, "Normal Mapping Without Precomputed Tangents"
  vec3 px = dFdx(place), py = dFdy(place);
  vec2 ux = dFdx(uv), uy = dFdy(uv);
  vec3 across = cross(py, n), along = cross(n, px);
  vec3 t = across * ux.x + along * uy.x;
  vec3 b = across * ux.y + along * uy.y;
  float size = inversesqrt(max(max(dot(t, t), dot(b, b)), 1e-20));
  vec3 bump = texture(normalMap, uv).rgb * 2.0 - 1.0;
  n = normalize(t * (size * bump.x * normalStrength) + b * (size * bump.y * normalStrength)
    + n * bump.z);
#endif
  if (dot(n, v) < 0.0) n = normalize(n - 1.02 * dot(n, v) * v);
  float nv = clamp(dot(n, v), 0.02, 1.0);
  vec3 f0 = mix(vec3(0.08 * specular), base.rgb, metallic);
  vec3 albedo = base.rgb * (1.0 - metallic);
  float alpha = roughness * roughness;

  float open = clamp(openness, 0.0, 1.0);
  vec4 fit = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
  float a004 = min(fit.x * fit.x, exp2(-9.28 * nv)) * fit.x + fit.y;
  vec2 ab = vec2(-1.04, 1.04) * a004 + fit.zw;
  vec3 soft = softSky(inSky(n)) * (skyStrength * open);
  vec3 shine = mirroredSky(inSky(reflect(-v, n)), roughness) * (f0 * ab.x + ab.y)
    * (skyStrength * open);

LAMPS
#ifdef CORNEA
  float glint = max(shine.r, max(shine.g, shine.b));
  float cover = glint / (glint + 1.0);
  gl_FragData[0] = vec4(toScreen(shine + shine / max(glint, 1e-4)), cover);
#else
  gl_FragData[0] = vec4(toScreen(albedo * soft + shine), 1.0);
#endif
}
"""


FALLING: Final = """#ifdef SKIN
    // light that wraps round the edge of a shadow, red most: a stand-in for subsurface scattering
    const vec3 wrap = vec3(0.28, 0.11, 0.06);
    vec3 falling = clamp((nl + wrap) / ((1.0 + wrap) * (1.0 + wrap)), 0.0, 1.0);
#else
    float falling = max(nl, 0.0);
#endif
    soft += arriving * falling * 0.31830989;
"""
"""What falls on a surface of one lamp, ``nl`` given."""

GLOSS: Final = """    nl = max(nl, 0.0);
    float wide = min(alpha + 0.5 * spread, 1.0);
    float lv = dot(l, v);
    float half_ = inversesqrt(2.0 + 2.0 * lv + 1e-5);
    float nh = (nl + nv) * half_;
    float glance = 1.0 - min((1.0 + lv) * half_, 1.0);
    float glance2 = glance * glance;
    float d = nh * nh * (wide * wide - 1.0) + 1.0;
    float masking = mix(2.0 * nl * nv, nl + nv, alpha);
    float lobe = min(0.15915494 * wide * wide / max(d * d * masking, 1e-6), 64.0);
    shine += arriving * (f0 + (1.0 - f0) * (glance2 * glance2 * glance)) * (lobe * nl);
"""
"""What a surface throws back of one lamp: GGX with Schlick's Fresnel."""


def _lamp(index: int, kind: int) -> str:
    """GLSL that adds one lamp; written out, since software OpenGL runs every branch of a loop."""
    if kind == SUN:
        reach = "vec3 l = -way; float spread = shape.y;"
    else:
        reach = """vec3 to = lamp[1].xyz - place;
    float squared = max(dot(to, to), 1e-6);
    float inverse = inversesqrt(squared);
    vec3 l = to * inverse;
    float along = -dot(l, way);
    float spread = shape.y * inverse;
    """
        if kind == AREA:
            reach += "arriving *= max(along, 0.0) / (squared + 0.5 * shape.y * shape.y);"
        else:
            reach += "arriving *= inverse * inverse;"
        if kind == SPOT:
            reach += """
    float k = clamp((along - shape.z) / max(shape.w, 1e-4), 0.0, 1.0);
    arriving *= k * k * (3.0 - 2.0 * k);"""
    seen = f"seen{'AB'[index // 4]}.{'xyzw'[index % 4]}"
    return f"""  {{
    mat4 lamp = lamps[{index}];
    vec3 way = lamp[2].xyz;
    vec4 shape = lamp[3];
    vec3 arriving = lamp[0].xyz * {seen};
    {reach}
    float nl = dot(n, l);
{FALLING}{GLOSS}  }}
"""


def head_fragment(features: frozenset[str], kinds: tuple[int, ...], table: bool) -> str:
    """Shading of a surface; ``features`` are of COLOR_MAP, ALPHA_MAP, NORMAL_MAP,
    ROUGHNESS_MAP, SEE_THROUGH, SKIN, CORNEA; ``kinds`` those of the lamps that shine.
    """
    defines = "".join(f"#define {name}\n" for name in sorted(features))
    maps = {"COLOR_MAP": "colorMap", "NORMAL_MAP": "normalMap", "ROUGHNESS_MAP": "roughnessMap"}
    samplers = "".join(f"uniform sampler2D {s};\n" for f, s in maps.items() if f in features)
    start = "//VTK::System::Dec\n//VTK::Output::Dec\n"
    code = _HEAD.replace("LAMPS\n", "".join(_lamp(i, kind) for i, kind in enumerate(kinds)))
    return start + defines + samplers + tone_mapping(table) + SKY_LIGHT + code


_SKY = """
in vec2 screen;
uniform vec3 rayRight;
uniform vec3 rayUp;
uniform vec3 forward;
uniform float skyStrength;
uniform vec2 skyTurn;
uniform sampler2D skyPicture;
void main() {
  vec3 w = normalize(forward + rayRight * screen.x + rayUp * screen.y);
  vec3 d = vec3(skyTurn.x * w.x + skyTurn.y * w.y, skyTurn.x * w.y - skyTurn.y * w.x, w.z);
  vec2 at = vec2(0.5 - atan(d.y, d.x) * 0.15915494, 0.5 + asin(clamp(d.z, -1.0, 1.0)) * 0.31830989);
  gl_FragData[0] = vec4(toScreen(textureLod(skyPicture, at, 0.0).rgb * skyStrength), 1.0);
}
"""


def sky_fragment(table: bool) -> str:
    """The environment's picture, behind everything."""
    return "//VTK::System::Dec\n//VTK::Output::Dec\n" + tone_mapping(table) + _SKY
