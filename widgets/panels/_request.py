import msgspec


def render_request(asset, scene, output, previews):
    return {
        "asset": str(asset.folder),
        "scene": msgspec.to_builtins(scene),
        "output": str(output),
        "previews": previews,
    }


def blend_request(asset, scene, output):
    return {"asset": str(asset.folder), "scene": msgspec.to_builtins(scene), "output": str(output)}
