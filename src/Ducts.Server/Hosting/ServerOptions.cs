namespace Ducts;

/// <summary>Section <c>ducts.server_config</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>Honour X-Forwarded-* headers, only from <see cref="TrustedProxies"/>. Default false.</summary>
    public bool BehindNginx { get; set; }

    /// <summary>Networks, in CIDR form, whose X-Forwarded-* headers are believed. Default: loopback and private ranges.</summary>
    public List<string> TrustedProxies { get; set; } = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

    /// <summary>Address to bind.</summary>
    public string HttpdAddr { get; set; } = "0.0.0.0";

    /// <summary>Port to bind; 0 takes a free one.</summary>
    public int HttpdPort { get; set; } = 8080;

    /// <summary>Folder served below <see cref="RootPathStatic"/>.</summary>
    public string LocalPathStatic { get; set; } = "htdocs";

    /// <summary>List folders that have no index.html. Default false.</summary>
    public bool StaticShowIndex { get; set; }

    /// <summary>Path below which everything of the protocol lies.</summary>
    public string RootPathDucts { get; set; } = "/ducts/";

    /// <summary>Folder of the user's own libraries.</summary>
    public string LocalPathLibs { get; set; } = "libs";

    /// <summary>Which files of that folder are served.</summary>
    public List<string> WebLibFileExtensions { get; set; } = [".js", ".html", ".css"];

    /// <summary>Path of the static files.</summary>
    public string RootPathStatic { get; set; } = "/static/";

    /// <summary>Path of the icon.</summary>
    public string RootPathFavicon { get; set; } = "/favicon.ico";

    /// <summary>Path of the libraries, below the root path.</summary>
    public string RelativePathLibsDir { get; set; } = "libs";

    /// <summary>Path of service discovery, below the root path.</summary>
    public string RelativePathWebServiceDiscovery { get; set; } = "wsd";

    /// <summary>Path of service discovery as JavaScript, below the root path.</summary>
    public string RelativePathWebServiceMainJsonp { get; set; } = "main";

    /// <summary>Path of the event list, below the libraries' path.</summary>
    public string RelativePathEventSpec { get; set; } = "events.json";

    /// <summary>Path of the Web APIs, below the root path.</summary>
    public string RelativePathApi { get; set; } = "api/v1/";

    /// <summary>Path of the WebSockets, below the root path.</summary>
    public string RelativePathWebsocket { get; set; } = "ws/v1";

    /// <summary>Path of the event map, below the Web APIs' path.</summary>
    public string ApiPathEvent { get; set; } = "event";

    /// <summary>Path of one event's spec, below the Web APIs' path.</summary>
    public string ApiPathEventId { get; set; } = "event/{event_id}";

    /// <summary>Name of the query parameter that names the JSONP function.</summary>
    public string JsonpCallbackQuery { get; set; } = "callback";

    /// <summary>The JSONP function where none is named.</summary>
    public string JsonpCallbackDefault { get; set; } = "callback";
}
