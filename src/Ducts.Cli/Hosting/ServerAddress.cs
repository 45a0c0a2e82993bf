using System.Net;
using Ducts.Cli.Commands;
using Ducts.Cli.Tls;

namespace Ducts.Cli.Hosting;

/// <summary>The addresses of a server that a client's command asks.</summary>
internal sealed class ServerAddress
{
    private ServerAddress(Uri root, string ductsPath, DuctsServerOptions server, string? certificatePath = null)
    {
        CertificatePath = certificatePath;
        var path = new Uri(root, $"{ductsPath.TrimEnd('/')}/");
        Events = new Uri(path, $"{server.RelativePathLibsDir.Trim('/')}/{server.RelativePathEventSpec.Trim('/')}");
        Discovery = new Uri(path, server.RelativePathWebServiceDiscovery.Trim('/'));
    }

    /// <summary>The event list.</summary>
    public Uri Events { get; }

    /// <summary>Service discovery.</summary>
    public Uri Discovery { get; }

    /// <summary>The certificate to expect of this folder's own server; null where it has none, or the server is another.</summary>
    public string? CertificatePath { get; }

    /// <summary>The server of a URL, or of this folder's configuration.</summary>
    /// <param name="url">A server's root, its path of Ducts, or one of its addresses below; null for the configuration's.</param>
    /// <param name="files">The INI files.</param>
    public static ServerAddress Find(string? url, IReadOnlyList<string> files)
    {
        var options = ServiceConfiguration.LoadLeniently(ModuleTarget.OfServer(files)).Options;
        var server = options.Server;
        if (url is null)
        {
            var certificate = CertificateFiles.Of(options)?.CertificatePath;
            return new ServerAddress(new UriBuilder(certificate is null ? "http" : "https", Host(server.HttpdAddr), server.HttpdPort).Uri, server.RootPathDucts, server, certificate);
        }

        var text = url.Contains("://", StringComparison.Ordinal) ? url : $"http://{url}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var given) || given.Scheme is not ("http" or "https") || given.Host.Length == 0)
            throw new CommandException($"{url} is no address of a server: expected one such as http://localhost:8080/");
        // Whatever page of the server was copied, the part before its known ends is the path of Ducts.
        var path = given.AbsolutePath.TrimEnd('/');
        foreach (var end in new[] { $"/{server.RelativePathLibsDir.Trim('/')}/{server.RelativePathEventSpec.Trim('/')}", $"/{server.RelativePathWebServiceDiscovery.Trim('/')}" })
        {
            if (path.EndsWith(end, StringComparison.Ordinal))
                path = path[..^end.Length];
        }
        // Not the user and password that a URL may have: nothing is done with them, and messages name the address.
        var root = new Uri(given.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
        return new ServerAddress(root, path.Length == 0 ? server.RootPathDucts : path, server);
    }

    /// <summary>An address to bind that means "all" is none to connect to.</summary>
    private static string Host(string address) =>
        IPAddress.TryParse(address, out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)) ? "localhost" : address;
}
