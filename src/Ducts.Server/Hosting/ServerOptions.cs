using Ducts.Configuration;

namespace Ducts;

/// <summary>Section <c>ducts.server_config</c>.</summary>
[Section("ducts.server_config", "ducts.server.config")]
public sealed class ServerOptions
{
    /// <summary>Honour X-Forwarded-* headers, only from <see cref="TrustedProxies"/>. Default false.</summary>
    [Option("whether a reverse proxy such as nginx stands in front, whose X-Forwarded-* headers are honoured")]
    public bool BehindNginx { get; set; }

    /// <summary>Networks, in CIDR form, whose X-Forwarded-* headers are believed. Default: loopback and private ranges.</summary>
    [Option("networks whose X-Forwarded-* headers are believed")]
    public List<string> TrustedProxies { get; set; } = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

    /// <summary>Address to bind.</summary>
    [Option("inet address to bind")]
    public string HttpdAddr { get; set; } = "0.0.0.0";

    /// <summary>Port to bind; 0 takes a free one.</summary>
    [Option("inet port to bind", Max = 65535, Min = 0)]
    public int HttpdPort { get; set; } = 8080;

    /// <summary>Folder served below <see cref="RootPathStatic"/>.</summary>
    [Option("local path for static root", IsPath = true)]
    public string LocalPathStatic { get; set; } = "htdocs";

    /// <summary>List folders that have no index.html. Default false.</summary>
    [Option("whether folders without index.html are listed")]
    public bool StaticShowIndex { get; set; }

    /// <summary>Path below which everything of the protocol lies.</summary>
    [Option("root path of everything that speaks ducts")]
    public string RootPathDucts { get; set; } = "/ducts/";

    /// <summary>Folder of the user's own libraries.</summary>
    [Option("local path for libraries", Hidden = true, IsPath = true)]
    public string LocalPathLibs { get; set; } = "libs";

    /// <summary>Which files of that folder are served.</summary>
    [Option("extensions of the files that are served as libraries", Hidden = true)]
    public List<string> WebLibFileExtensions { get; set; } = [".js", ".html", ".css"];

    /// <summary>Path of the static files.</summary>
    [Option("root path of static files", Hidden = true)]
    public string RootPathStatic { get; set; } = "/static/";

    /// <summary>Path of the icon.</summary>
    [Option("path of the icon", Hidden = true)]
    public string RootPathFavicon { get; set; } = "/favicon.ico";

    /// <summary>Path of the libraries, below the root path.</summary>
    [Option("path of libraries below root_path_ducts", Hidden = true)]
    public string RelativePathLibsDir { get; set; } = "libs";

    /// <summary>Path of service discovery, below the root path.</summary>
    [Option("path of service discovery below root_path_ducts", Hidden = true)]
    public string RelativePathWebServiceDiscovery { get; set; } = "wsd";

    /// <summary>Path of service discovery as JavaScript, below the root path.</summary>
    [Option("path of service discovery as JavaScript below root_path_ducts", Hidden = true)]
    public string RelativePathWebServiceMainJsonp { get; set; } = "main";

    /// <summary>Path of the event list, below the libraries' path.</summary>
    [Option("path of the event list below the libraries", Hidden = true)]
    public string RelativePathEventSpec { get; set; } = "events.json";

    /// <summary>Path of the Web APIs, below the root path.</summary>
    [Option("path of Web APIs below root_path_ducts", Hidden = true)]
    public string RelativePathApi { get; set; } = "api/v1/";

    /// <summary>Path of the WebSockets, below the root path.</summary>
    [Option("path of WebSockets below root_path_ducts", Hidden = true)]
    public string RelativePathWebsocket { get; set; } = "ws/v1";

    /// <summary>Path of the event map, below the Web APIs' path.</summary>
    [Option("path of the event map below the Web APIs", Hidden = true)]
    public string ApiPathEvent { get; set; } = "event";

    /// <summary>Path of one event's spec, below the Web APIs' path.</summary>
    [Option("path of one event below the Web APIs", Hidden = true)]
    public string ApiPathEventId { get; set; } = "event/{event_id}";

    /// <summary>Name of the query parameter that names the JSONP function.</summary>
    [Option("query parameter that names the JSONP function", Hidden = true)]
    public string JsonpCallbackQuery { get; set; } = "callback";

    /// <summary>The JSONP function where none is named.</summary>
    [Option("JSONP function where none is named", Hidden = true)]
    public string JsonpCallbackDefault { get; set; } = "callback";
}
