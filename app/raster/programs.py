"""The shading programs of data sets: light is gathered at the points of a surface, or at pixels.

The model is that of `app.raster.shading`. Where the points of a mesh lie closer than a few pixels,
light is worked out there and laid over the surface, which costs a software OpenGL a fraction of
what a pixel costs and lets the picture be drawn larger than asked for, so that hair is smooth.
Eyes, teeth and coarse meshes are lit pixel by pixel, with their normal maps.
"""

from __future__ import annotations

from typing import Final

from app.raster.shading import FALLING, GLOSS, SKY_LIGHT

SHADOW_SIDE: Final = 256
"""Pixels along the edge of a lamp's depth picture; those of all lamps stand in one row."""

EMPTY: Final = """//VTK::System::Dec
void main() {}
"""

_MATTER: Final = """

void gather(vec3 place, vec3 n, vec3 v, float roughness, vec3 f0, float open, vec4 seen[2],
            out vec3 soft, out vec3 shine) {
  float nv = clamp(dot(n, v), 0.02, 1.0);
  float alpha = roughness * roughness;
  vec4 fit = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
  float a004 = min(fit.x * fit.x, exp2(-9.28 * nv)) * fit.x + fit.y;
  vec2 ab = vec2(-1.04, 1.04) * a004 + fit.zw;
  soft = softSky(inSky(n)) * (skyStrength * open);
#ifdef STRAND
  shine = soft * (f0 * ab.x + ab.y);
#else
  shine = mirroredSky(inSky(reflect(-v, n)), roughness) * (f0 * ab.x + ab.y) * (skyStrength * open);
#endif
LAMPS
#ifdef EYE
  soft *= 0.73;  // what lids, lashes and cornea keep away; measured against Cycles
#endif
#ifdef HAIR
  shine *= 0.5;  // strands hide one another where they are seen at a slant
#endif
#ifdef CLOTH
  // fuzz that shines at the edges, as the render's sheen of 0.35 does
  float edge = 1.0 - nv;
  shine += soft * (0.03 + 0.20 * edge * edge);
#endif
}

vec3 towards(vec3 n, vec3 v) {
  float away = dot(n, v);
  return away < 0.0 ? normalize(n - 1.02 * away * v) : n;
}
"""

_LAMP: Final = (
    """  {
    mat4 lamp = lamps[INDEX];
    vec3 way = lamp[2].xyz;
    vec3 to = lamp[1].xyz - place * lamp[0].w;
    float squared = max(dot(to, to), 1e-6);
    float inverse = inversesqrt(squared);
    vec3 l = to * inverse;
    float along = -dot(l, way);
    float radius = lamp[2].w;
    float spread = radius * mix(1.0, inverse, lamp[0].w);
    float k = clamp((along - lamp[3].x) / lamp[3].y, 0.0, 1.0);
    float reach = k * k * (3.0 - 2.0 * k) * mix(1.0, max(along, 0.0), lamp[1].w)
      / mix(1.0, squared + 0.5 * radius * radius * lamp[1].w, lamp[0].w);
    vec3 arriving = lamp[0].xyz * (reach * SLOT);
    float nl = dot(n, l);
"""
    + FALLING
    + """#ifndef STRAND
"""
    + GLOSS
    + """#endif
  }
"""
)

_SHADOWS: Final = """
uniform sampler2D shadowMap;
uniform mat4 shadowView[SHADOWS];

const vec2 disc[12] = vec2[](
  vec2(0.204, 0.000), vec2(-0.261, 0.239), vec2(0.040, -0.455), vec2(0.329, 0.428),
  vec2(-0.603, -0.107), vec2(0.571, -0.363), vec2(-0.191, 0.711), vec2(-0.356, -0.706),
  vec2(0.777, 0.331), vec2(-0.821, 0.348), vec2(0.389, -0.856), vec2(0.296, 0.946));

float depthAt(vec2 at, float tile) {
  vec2 inside = clamp(at, vec2(0.002), vec2(0.998));
  return textureLod(shadowMap, vec2((inside.x + tile) / float(SHADOWS), inside.y), 0.0).r;
}

float reached(int i, float tile, vec3 place, vec3 normal) {
  float texel = lamps[i][3].z;
  vec4 c = shadowView[i] * vec4(place + normal * (1.5 * texel), 1.0);
  vec2 at = c.xy / c.w;
  if (c.w <= 0.0 || any(lessThan(at, vec2(0.0))) || any(greaterThan(at, vec2(1.0)))) return 1.0;
  float depth = c.z - 0.7 * texel;
  float perMetre = lamps[i][3].w / c.w;
  float spread = lamps[i][2].w / mix(1.0, c.z, lamps[i][0].w);
  float search = clamp(spread * 0.1, 2.0 * texel, 0.05) * perMetre;
  float count = 0.0, sum = 0.0;
  for (int k = 0; k < 12; k += 3) {
    float d = depthAt(at + disc[k] * search, tile);
    float hides = step(d, depth);
    count += hides;
    sum += hides * d;
  }
  if (count == 0.0) return 1.0;
  float wide = clamp(spread * (depth - sum / count), texel, 0.08) * perMetre;
  float lit = 0.0;
  for (int k = 0; k < 12; k += 2) lit += step(depth, depthAt(at + disc[k] * wide, tile));
  return lit / 6.0;
}
"""

_VERTEX: Final = """
in vec4 vertexMC;
in vec3 normalMC;
in vec2 tcoord;
in float sky;
in float gloss;
#ifdef STRAND
in vec3 partner;
uniform vec2 halfPicture;
out float cover;
#endif
uniform mat4 MCDCMatrix;
uniform vec3 viewer;
uniform float specular;
uniform vec3 baseColor;
uniform float metallic;
out vec2 uv;
#ifdef PER_POINT
out vec3 soft;
out vec3 shine;
#else
out vec3 place;
out vec3 facing;
out float openness;
out vec4 seenA;
out vec4 seenB;
#endif

void main() {
  uv = tcoord;
  gl_Position = MCDCMatrix * vertexMC;
#ifdef STRAND
  // as wide as a pixel at least, and as much clearer
  vec4 other = MCDCMatrix * vec4(partner, 1.0);
  vec2 over = (gl_Position.xy / gl_Position.w - other.xy / other.w) * halfPicture;
  float wide = length(over);
  cover = min(wide, 1.0);
  if (wide < 1.0 && wide > 1e-5)
    gl_Position.xy += over * ((0.5 - 0.5 * wide) / wide) / halfPicture * gl_Position.w;
#endif
  vec4 seen[2] = vec4[](vec4(sky), vec4(sky));
SHADOWED
#ifdef PER_POINT
  vec3 v = normalize(viewer - vertexMC.xyz);
  vec3 f0 = mix(vec3(0.08 * specular), baseColor, metallic);
  gather(vertexMC.xyz, towards(normalMC, v), v, clamp(gloss, 0.05, 1.0), f0, sky, seen,
         soft, shine);
#else
  place = vertexMC.xyz;
  facing = normalMC;
  openness = sky;
  seenA = seen[0];
  seenB = seen[1];
#endif
}
"""

_FRAGMENT: Final = """
in vec2 uv;
#ifdef PER_POINT
in vec3 soft;
in vec3 shine;
#else
in vec3 place;
in vec3 facing;
in float openness;
in vec4 seenA;
in vec4 seenB;
uniform vec3 viewer;
uniform float specular;
uniform float baseRoughness;
uniform float normalStrength;
#endif
#ifdef STRAND
in float cover;
#endif
#ifdef ROOM
uniform float emission;
#endif
uniform vec3 baseColor;
uniform float baseAlpha;
uniform float metallic;
uniform float fineness;  // level of the colour's pyramid

vec3 decoded(vec3 c) {
  // sRGB to linear, Chapman's cubic (within 0.002)
  return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

vec3 coded(vec3 light) {
  // for eight bits; near what the screen's curve would do
  return sqrt(light / (1.0 + light));
}

void main() {
  vec4 base = vec4(baseColor, baseAlpha);
#ifdef COLOR_MAP
#ifdef ROOM
  vec4 texel = texture(colorMap, uv);
  base.rgb *= decoded(texel.rgb);
#else
  vec4 texel = textureLod(colorMap, uv, fineness);
  base.rgb = decoded(texel.rgb);
#endif
#ifdef ALPHA_MAP
  base.a *= texel.a;
#endif
#endif
#ifdef SEE_THROUGH
  // the four samples of a pixel each let another share through
  ivec2 at = ivec2(gl_FragCoord.xy) & 1;
  if (base.a < 0.125 + 0.25 * float(at.x == at.y ? at.x : 2 + at.x)) discard;
#endif
#ifndef PER_POINT
  float roughness = baseRoughness;
#ifdef ROUGHNESS_MAP
  roughness = texture(roughnessMap, uv).g;
#endif
  vec3 v = normalize(viewer - place);
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
  vec3 soft, shine;
  vec3 f0 = mix(vec3(0.08 * specular), base.rgb, metallic);
  vec4 seen[2] = vec4[](seenA, seenB);
  gather(place, towards(n, v), v, clamp(roughness, 0.05, 1.0), f0, openness, seen, soft, shine);
#endif
#ifdef CORNEA
  vec3 cover = coded(shine);
  float most = max(cover.r, max(cover.g, cover.b));
  gl_FragData[0] = vec4(cover / max(most, 1e-4), most);
#elif defined(LENS)
  vec3 cover = coded(base.rgb * soft + shine);
  gl_FragData[0] = vec4(cover, max(base.a, coded(shine).g));
#elif defined(STRAND)
  gl_FragData[0] = vec4(coded(base.rgb * soft + shine), cover);
#elif defined(ROOM)
  gl_FragData[0] = vec4(coded(emission > 0.0 ? base.rgb * emission : base.rgb * soft + shine), 1.0);
#else
  gl_FragData[0] = vec4(coded(base.rgb * (1.0 - metallic) * soft + shine), 1.0);
#endif
}
"""
_MAPS: Final = {
    "COLOR_MAP": "colorMap",
    "NORMAL_MAP": "normalMap",
    "ROUGHNESS_MAP": "roughnessMap",
}


def vertex(features: frozenset[str], count: int, shadows: int) -> str:
    """Program of the points; ``count`` lamps shine, the first of which cast ``shadows``.

    ``features`` are of COLOR_MAP, ALPHA_MAP, NORMAL_MAP, ROUGHNESS_MAP, SEE_THROUGH, SKIN, CORNEA
    and PER_POINT, which says that light is gathered here.
    """
    slots = [(i, f"seen[{i // 4}].{'xyzw'[i % 4]}") for i in range(shadows)]
    shadowed = "".join(
        f"  {slot} = reached({i}, {i}.0, vertexMC.xyz, normalMC);\n" for i, slot in slots
    )
    code = _VERTEX.replace("SHADOWED\n", shadowed)
    gathered = SKY_LIGHT + _matter(count) if "PER_POINT" in features else ""
    start = _start(features, count) + f"#define SHADOWS {shadows}\n"
    return start + gathered + (_SHADOWS if shadows else "") + code


def fragment(features: frozenset[str], count: int) -> str:
    """Program of the pixels, for the same features and lamps."""
    wanted = {"COLOR_MAP"} if "PER_POINT" in features else set(_MAPS)
    samplers = "".join(f"uniform sampler2D {_MAPS[f]};\n" for f in sorted(features & wanted))
    gathered = "" if "PER_POINT" in features else SKY_LIGHT + _matter(count)
    output = "//VTK::Output::Dec\n"
    return _start(features, count) + output + samplers + gathered + _FRAGMENT


def _start(features: frozenset[str], count: int) -> str:
    defines = "".join(f"#define {name}\n" for name in sorted(features))
    lamps = "uniform mat4 lamps[COUNT];\n" if count else ""
    return f"//VTK::System::Dec\n{defines}#define COUNT {count}\n{lamps}"


def _matter(count: int) -> str:
    lamps = "".join(
        _LAMP.replace("INDEX", str(i)).replace("SLOT", f"seen[{i // 4}].{'xyzw'[i % 4]}")
        for i in range(count)
    )
    return _MATTER.replace("LAMPS\n", lamps)
