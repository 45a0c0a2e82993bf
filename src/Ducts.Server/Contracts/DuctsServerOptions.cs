namespace Ducts;

/// <summary>Specifies the HTTP options of a server: address, proxies, paths. INI section <c>ducts.server_config</c>.</summary>
[Section("ducts.server_config", "ducts.server.config")]
public sealed class DuctsServerOptions
{
    /// <summary>
    /// Gets or sets whether a reverse proxy such as nginx is in front of the server. Its X-Forwarded-For, -Proto
    /// and -Host headers are then trusted if it is one of <see cref="TrustedProxies"/>. Default: false. Without it
    /// behind a proxy, the server takes the proxy's address for the client's, and the scheme and host of the proxy's request for its own.
    /// </summary>
    [Option("whether a reverse proxy such as nginx stands in front, whose X-Forwarded-* headers are honoured")]
    public bool BehindNginx { get; set; }

    /// <summary>
    /// Gets or sets the addresses and networks (in CIDR notation) of proxies whose X-Forwarded-* headers are trusted when
    /// <see cref="BehindNginx"/> is set. Default: loopback and the private ranges. Narrow it where clients live in a
    /// private range too.
    /// </summary>
    [Option("networks whose X-Forwarded-* headers are believed")]
    public List<string> TrustedProxies { get; set; } = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

    /// <summary>
    /// Gets or sets the address that the <c>ducts</c> command listens on: an IP address, or <c>localhost</c>. Default:
    /// <c>0.0.0.0</c>, all of IPv4. Set <c>127.0.0.1</c> where a proxy on the same machine is the only client. A hosted
    /// application listens where its host is configured to.
    /// </summary>
    [Option("inet address to bind")]
    public string HttpdAddr { get; set; } = "0.0.0.0";

    /// <summary>
    /// Gets or sets the port that the <c>ducts</c> command listens on; 0 selects a free one. Default: 8080. Range: 0 to
    /// 65535. A hosted application listens where its host is configured to.
    /// </summary>
    [Option("inet port to bind", Max = 65535, Min = 0)]
    public int HttpdPort { get; set; } = 8080;

    /// <summary>
    /// Gets or sets the number of connections, WebSockets included, that the server accepts; further ones are closed at once.
    /// Default: 0, as many as the process may open files for (<c>ulimit -n</c>), less a reserve. Range: 0 to 10000000. A
    /// value above that is lowered to it. A hosted application without <c>UseSocketTransport</c> refuses WebSockets above this number
    /// with HTTP status 503; Kestrel's own limit <c>MaxConcurrentConnections</c> is for its other connections.
    /// </summary>
    [Option("connections that are accepted; 0 for as many as the process may open files for", Min = 0, Max = 10000000, Unit = "connections")]
    public int MaxConnections { get; set; }

    /// <summary>
    /// Gets or sets the folder of the static files, which are served below <see cref="RootPathStatic"/>. Default:
    /// <c>htdocs</c>.
    /// </summary>
    [Option("local path for static root", IsPath = true)]
    public string LocalPathStatic { get; set; } = "htdocs";

    /// <summary>
    /// Gets or sets whether folders of static files that have no <c>index.html</c> are listed. Default: false. Use it
    /// while developing.
    /// </summary>
    [Option("whether folders without index.html are listed")]
    public bool StaticShowIndex { get; set; }

    /// <summary>
    /// Gets or sets the path below which service discovery, WebSockets, Web APIs and libraries are. Default:
    /// <c>/ducts/</c>. Change it where that path is taken; it must differ from <see cref="RootPathStatic"/>.
    /// </summary>
    [Option("root path of everything that speaks ducts")]
    public string RootPathDucts { get; set; } = "/ducts/";

    /// <summary>
    /// Gets or sets the folder of your own libraries, which are served beside <c>ducts.js</c>. Default: <c>libs</c>.
    /// </summary>
    [Option("local path for libraries", Hidden = true, IsPath = true)]
    public string LocalPathLibs { get; set; } = "libs";

    /// <summary>
    /// Gets or sets the extensions of the files that are served as libraries, each with its leading dot. Default: <c>.js</c>,
    /// <c>.html</c>, <c>.css</c>. Add others, such as <c>.map</c>, where pages need them.
    /// </summary>
    [Option("extensions of the files that are served as libraries", Hidden = true)]
    public List<string> WebLibFileExtensions { get; set; } = [".js", ".html", ".css"];

    /// <summary>Gets or sets the path of the static files. Default: <c>/static/</c>.</summary>
    [Option("root path of static files", Hidden = true)]
    public string RootPathStatic { get; set; } = "/static/";

    /// <summary>Gets or sets the path of the icon that browsers ask for. Default: <c>/favicon.ico</c>.</summary>
    [Option("path of the icon", Hidden = true)]
    public string RootPathFavicon { get; set; } = "/favicon.ico";

    /// <summary>
    /// Gets or sets the path of the libraries below <see cref="RootPathDucts"/>. Default: <c>libs</c>. Pages load
    /// <c>ducts.js</c> from there.
    /// </summary>
    [Option("path of libraries below root_path_ducts", Hidden = true)]
    public string RelativePathLibsDir { get; set; } = "libs";

    /// <summary>
    /// Gets or sets the path of service discovery below <see cref="RootPathDucts"/>. Default: <c>wsd</c>. Clients
    /// must be configured with the address if it is changed.
    /// </summary>
    [Option("path of service discovery below root_path_ducts", Hidden = true)]
    public string RelativePathWebServiceDiscovery { get; set; } = "wsd";

    /// <summary>
    /// Gets or sets the path of service discovery as JavaScript (JSONP) below <see cref="RootPathDucts"/>. Default:
    /// <c>main</c>.
    /// </summary>
    [Option("path of service discovery as JavaScript below root_path_ducts", Hidden = true)]
    public string RelativePathWebServiceMainJsonp { get; set; } = "main";

    /// <summary>
    /// Gets or sets the path of the event list below <see cref="RelativePathLibsDir"/>. Default: <c>events.json</c>.
    /// </summary>
    [Option("path of the event list below the libraries", Hidden = true)]
    public string RelativePathEventSpec { get; set; } = "events.json";

    /// <summary>Gets or sets the path of the Web APIs below <see cref="RootPathDucts"/>. Default: <c>api/v1/</c>.</summary>
    [Option("path of Web APIs below root_path_ducts", Hidden = true)]
    public string RelativePathApi { get; set; } = "api/v1/";

    /// <summary>
    /// Gets or sets the path of the WebSockets below <see cref="RootPathDucts"/>. Default: <c>ws/v1</c>. Clients learn
    /// it from service discovery.
    /// </summary>
    [Option("path of WebSockets below root_path_ducts", Hidden = true)]
    public string RelativePathWebsocket { get; set; } = "ws/v1";

    /// <summary>Gets or sets the path of the event map below <see cref="RelativePathApi"/>. Default: <c>event</c>.</summary>
    [Option("path of the event map below the Web APIs", Hidden = true)]
    public string ApiPathEvent { get; set; } = "event";

    /// <summary>
    /// Gets or sets the path of one event's description below <see cref="RelativePathApi"/>. It must contain
    /// <c>{event_id}</c>. Default: <c>event/{event_id}</c>.
    /// </summary>
    [Option("path of one event below the Web APIs", Hidden = true)]
    public string ApiPathEventId { get; set; } = "event/{event_id}";

    /// <summary>
    /// Gets or sets the query parameter that names the function that a JSONP reply calls. Default: <c>callback</c>.
    /// </summary>
    [Option("query parameter that names the JSONP function", Hidden = true)]
    public string JsonpCallbackQuery { get; set; } = "callback";

    /// <summary>
    /// Gets or sets the function that a JSONP reply calls if the query names none: a JavaScript name such as
    /// <c>app.start</c>. Default: <c>callback</c>.
    /// </summary>
    [Option("JSONP function where none is named", Hidden = true)]
    public string JsonpCallbackDefault { get; set; } = "callback";
}
