using System.Net.Sockets;
using Ducts.Redis;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Ducts.Cli.Hosting;

/// <summary>Why a start failed, for people: what is wrong, where, what to do.</summary>
internal static class StartFailure
{
    /// <summary>The reason, or null when the fault is not one that its user can mend; its stack trace belongs into the log.</summary>
    public static string? Explain(Exception fault, DuctsOptions options)
    {
        var server = options.Server;
        for (var at = fault; at is not null; at = at.InnerException)
        {
            switch (at)
            {
                case AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return $"Port {server.HttpdPort} of {server.HttpdAddr} is taken: another server listens there. Stop it, or set another httpd_port in [ducts.server_config].";
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return $"Port {server.HttpdPort} may not be listened on by this user: ports below 1024 are the system's. Set httpd_port in [ducts.server_config] to 1024 or more, and a proxy before it.";
                case SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported }:
                    return $"{server.HttpdAddr} is no address of this machine. Set httpd_addr in [ducts.server_config] to one, or to 0.0.0.0 for all.";
                case RedisUnavailableException:
                    return $"Redis cannot be used: {at.Message} See redis_uri_main in [ducts.redis_config], now {WithoutPassword(options.Redis.RedisUriMain)}.";
                case OptionsValidationException validation:
                    return $"The configuration has errors:\n{string.Join('\n', validation.Failures.Select(static failure => $"  {failure}"))}";
                case CommandException:
                    return at.Message;
                default:
                    // Exceptions that other parts made for this reader; the name is enough, so that none of them is loaded here.
                    if (at.GetType().Namespace is { } name && (name == "Ducts" || name.StartsWith("Ducts.", StringComparison.Ordinal)))
                        return at.Message;
                    break;
            }
        }
        return null;
    }

    private static string WithoutPassword(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.UserInfo.Length > 0 ? uri.Replace($"{parsed.UserInfo}@", "***@", StringComparison.Ordinal) : uri;
}
