namespace Ducts.Configuration;

/// <summary>The paths of everything served, put together once from the options.</summary>
internal sealed class DuctsPaths
{
    public DuctsPaths(DuctsServerOptions options)
    {
        Root = Folder(options.RootPathDucts);
        Api = Root + Folder(options.RelativePathApi)[1..];
        WebSocket = Root + Folder(options.RelativePathWebsocket)[1..];
        Libs = Root + Folder(options.RelativePathLibsDir)[1..];
        Static = Folder(options.RootPathStatic);
        Favicon = File("/", options.RootPathFavicon);
        ServiceDiscovery = File(Root, options.RelativePathWebServiceDiscovery);
        ServiceDiscoveryJsonp = File(Root, options.RelativePathWebServiceMainJsonp);
        EventSpecs = File(Libs, options.RelativePathEventSpec);
        EventIds = File(Api, options.ApiPathEvent);
        EventSpec = File(Api, options.ApiPathEventId);
    }

    /// <summary>Begins and ends in exactly one slash, as all folders here.</summary>
    public string Root { get; }

    public string Api { get; }

    public string WebSocket { get; }

    public string Libs { get; }

    public string Static { get; }

    public string Favicon { get; }

    public string ServiceDiscovery { get; }

    public string ServiceDiscoveryJsonp { get; }

    public string EventSpecs { get; }

    public string EventIds { get; }

    /// <summary>A route pattern with one parameter, the event's id.</summary>
    public string EventSpec { get; }

    /// <summary>Beside the versioned API, for it describes what lies below that.</summary>
    public string OpenApi => Root + "api/openapi.json";

    private static string Folder(string path)
    {
        var trimmed = path.Trim().Trim('/');
        return trimmed.Length == 0 ? "/" : $"/{trimmed}/";
    }

    private static string File(string folder, string path) => folder + path.Trim().Trim('/');
}
