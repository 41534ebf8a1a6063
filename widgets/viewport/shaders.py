"""The shading programs that only the window has: wire frame, backdrop and floor."""

from __future__ import annotations

from app.raster.shading import sky_fragment
from widgets.viewport.picture import PLAIN, SKY

LINES_VERTEX = """//VTK::System::Dec
in vec4 vertexMC;
uniform mat4 MCDCMatrix;
void main() {
  gl_Position = MCDCMatrix * vertexMC;
  gl_Position.z -= 0.0005 * gl_Position.w;
}
"""

LINES_FRAGMENT = """//VTK::System::Dec
//VTK::Output::Dec
void main() {
  gl_FragData[0] = vec4(0.08, 0.09, 0.1, 1.0);
}
"""

_GRADIENT = """
in vec2 screen;
void main() {
  float t = 0.5 + 0.5 * screen.y;
  vec3 color = mix(vec3(0.145, 0.150, 0.158), vec3(0.235, 0.243, 0.256), t * t * (3.0 - 2.0 * t));
  // half a grey level of grain, or the gradient would show its steps
  float grain = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
  gl_FragData[0] = vec4(color + (grain - 0.5) / 255.0, 1.0);
}
"""

_PLAIN = """
uniform vec3 plain;
void main() {
  gl_FragData[0] = vec4(plain, 1.0);
}
"""


def backdrop_fragment(kind: int, table: bool) -> str:
    """Behind everything: a quiet gradient, a plain screen colour, or the environment's picture."""
    if kind == SKY:
        return sky_fragment(table)
    return "//VTK::System::Dec\n//VTK::Output::Dec\n" + (_PLAIN if kind == PLAIN else _GRADIENT)


FLOOR_FRAGMENT = """//VTK::System::Dec
//VTK::Output::Dec
uniform vec3 viewer;
uniform vec3 forward;
uniform vec3 rayRight;
uniform vec3 rayUp;
uniform vec2 pictureSize;
uniform int parallel;
uniform float floorHeight;
uniform float gridStep;
uniform float gridReach;
uniform vec2 gridCentre;

vec2 place, pixel;  // metres on the floor, and metres that a pixel spans there

void hitFloor() {
  // worked out, not interpolated: that is too coarse on software OpenGL for lines this thin
  vec2 at = gl_FragCoord.xy / pictureSize * 2.0 - 1.0;
  vec3 aside = rayRight * at.x + rayUp * at.y;
  vec3 dx = rayRight * 2.0 / pictureSize.x, dy = rayUp * 2.0 / pictureSize.y;
  vec2 across, along;
  if (parallel == 1) {
    vec2 slope = forward.xy / forward.z;
    place = viewer.xy + aside.xy + (floorHeight - viewer.z - aside.z) * slope;
    across = dx.xy - dx.z * slope;
    along = dy.xy - dy.z * slope;
  } else {
    vec3 ray = forward + aside;
    float down = (floorHeight - viewer.z) / ray.z;
    place = viewer.xy + ray.xy * down;
    across = (dx.xy - ray.xy * (dx.z / ray.z)) * down;
    along = (dy.xy - ray.xy * (dy.z / ray.z)) * down;
  }
  pixel = max(sqrt(across * across + along * along), vec2(1e-6));
}

float lines(float step) {
  vec2 away = abs(fract(place / step - 0.5) - 0.5) * step / pixel;
  vec2 line = (1.0 - smoothstep(0.2, 1.2, away)) * clamp(1.5 - pixel * 8.0 / step, 0.0, 1.0);
  return max(line.x, line.y);
}

void main() {
  hitFloor();
  float fade = 1.0 - smoothstep(0.2, 1.0, length(place - gridCentre) / gridReach);
  vec3 color = vec3(0.47, 0.48, 0.50);
  float strength = max(lines(gridStep) * 0.28, lines(gridStep * 10.0) * 0.5);
  vec2 away = abs(place) / pixel;
  vec2 near = 1.0 - step(1.6, away);
  vec2 axis = 1.0 - smoothstep(0.5, 1.6, away);
  color = mix(mix(color, vec3(0.80, 0.30, 0.34), near.y), vec3(0.46, 0.66, 0.22), near.x);
  strength = max(near.x + near.y > 0.0 ? 0.0 : strength, max(axis.x, axis.y) * 0.8);
  gl_FragData[0] = vec4(color, strength * fade);
}
"""
