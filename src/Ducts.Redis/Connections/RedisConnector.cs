using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Ducts.Redis;

/// <summary>Opens connections and signs in: RESP3 where the server knows it, the user, the database, a name.</summary>
internal sealed class RedisConnector
{
    private readonly RedisUri _uri;
    private readonly RedisClientOptions _options;
    private readonly CompletionQueue _completions;
    private readonly IRedisClock _clock;

    public RedisConnector(RedisUri uri, RedisClientOptions options, CompletionQueue completions, IRedisClock clock)
    {
        _uri = uri;
        _options = options;
        _completions = completions;
        _clock = clock;
    }

    /// <summary>Opens a connection to the server that an address names, and signs in.</summary>
    /// <param name="host">The address; null for the URI's Unix socket.</param>
    /// <param name="forSentinel">Whether to sign in to a Sentinel: with its own password, without a database.</param>
    /// <param name="unasked">Takes what comes without a command.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="RedisConnectionException">It could not be opened, or not in time.</exception>
    /// <exception cref="RedisException">Redis refused the user or the database.</exception>
    public async Task<RedisConnection> OpenAsync(
        DnsEndPoint? host, bool forSentinel, Action<RedisConnection, RedisValue>? unasked, CancellationToken cancellationToken)
    {
        var endpoint = host is null ? _uri.UnixPath! : RedisUri.Describe(host);
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        RedisConnection? connection = null;
        try
        {
            var transport = await OpenTransportAsync(host, endpoint, linked.Token);
            connection = new RedisConnection(transport, _completions, _clock, unasked);
            connection.Start();
            using (linked.Token.UnsafeRegister(static state => ((RedisConnection)state!).Lose(new TimeoutException("Signing in took too long.")), connection))
            {
                await SignInAsync(connection, forSentinel);
            }

            return connection;
        }
        catch (Exception exception)
        {
            connection?.Lose(exception);
            cancellationToken.ThrowIfCancellationRequested();
            throw exception switch
            {
                _ when timeout.IsCancellationRequested =>
                    new RedisConnectionException($"Redis at {endpoint} did not answer within {_options.ConnectTimeout.TotalSeconds:0.###} s.", exception),
                RedisException and not RedisConnectionException => exception,
                _ => new RedisConnectionException($"Redis at {endpoint} is not to be reached: {Innermost(exception).Message}", exception),
            };
        }
    }

    /// <summary>A socket to an address.</summary>
    public static async Task<Socket> OpenSocketAsync(DnsEndPoint? host, string? unixPath, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            if (host is null)
            {
                socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(unixPath!), cancellationToken);
            }
            else
            {
                socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                if (IPAddress.TryParse(host.Host, out var address))
                {
                    await socket.ConnectAsync(new IPEndPoint(address, host.Port), cancellationToken);
                }
                else
                {
                    await socket.ConnectAsync(host.Host, host.Port, cancellationToken);
                }
            }

            return socket;
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }

    private async Task<RedisTransport> OpenTransportAsync(DnsEndPoint? host, string endpoint, CancellationToken cancellationToken)
    {
        var socket = await OpenSocketAsync(host, _uri.UnixPath, cancellationToken);
        if (!_uri.UsesTls)
        {
            return new SocketTransport(socket) { Endpoint = endpoint };
        }

        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(TlsOptions(host!), cancellationToken);
            return new StreamTransport(stream) { Endpoint = endpoint };
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private SslClientAuthenticationOptions TlsOptions(DnsEndPoint host)
    {
        if (_options.Tls is { } given)
        {
            given.TargetHost ??= host.Host;
            return given;
        }

        var tls = new SslClientAuthenticationOptions { TargetHost = host.Host };
        if (_uri.CaFile is { } ca)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(ca);
        }

        if (_uri.CertificateFile is { } certificate)
        {
            tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, _uri.KeyFile ?? certificate)];
        }

        return tls;
    }

    private async Task SignInAsync(RedisConnection connection, bool forSentinel)
    {
        var user = forSentinel ? _uri.SentinelUser : _uri.User;
        var password = forSentinel ? _uri.SentinelPassword : _uri.Password;
        var database = forSentinel ? 0 : _uri.Database;
        List<RedisArgument> hello = ["3"];
        if (password is not null)
        {
            hello.AddRange(["AUTH", user ?? "default", password]);
        }

        if (_options.ClientName.Length > 0)
        {
            hello.AddRange(["SETNAME", _options.ClientName]);
        }

        // One round trip; a server that does not know HELLO may refuse what follows, and is asked again.
        var greeting = Send(connection, "HELLO", [.. hello]);
        var selecting = database == 0 ? default : Send(connection, "SELECT", [database]);
        var asking = Send(connection, "PING", []);
        var selected = RedisValue.Ok;
        var greeted = await greeting;
        if (database != 0)
        {
            selected = await selecting;
        }

        var answer = await asking;
        if (greeted.IsError)
        {
            if (!greeted.ErrorText.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase)
                && !greeted.ErrorText.StartsWith("NOPROTO", StringComparison.Ordinal)
                && !greeted.ErrorText.StartsWith("NOPERM", StringComparison.Ordinal)
                && !greeted.ErrorText.StartsWith("ERR Syntax error in HELLO", StringComparison.OrdinalIgnoreCase))
            {
                throw new RedisException(greeted.ErrorText);
            }

            selected = await SignInOldAsync(connection, user, password, database);
        }

        if (selected.IsError)
        {
            throw new RedisException(selected.ErrorText);
        }

        if (answer.IsError && answer.ErrorText.StartsWith("LOADING", StringComparison.Ordinal))
        {
            // Not ready is as good as not there: commands wait instead of failing.
            throw new RedisConnectionException(answer.ErrorText);
        }
    }

    private async Task<RedisValue> SignInOldAsync(RedisConnection connection, string? user, string? password, int database)
    {
        connection.Protocol = 2;
        if (password is not null)
        {
            var authenticated = user is null
                ? await Send(connection, "AUTH", [password])
                : await Send(connection, "AUTH", [user, password]);
            if (authenticated.IsError)
            {
                throw new RedisException(authenticated.ErrorText);
            }
        }

        if (_options.ClientName.Length > 0)
        {
            // A name is a courtesy; an old server may not know them.
            await Send(connection, "CLIENT", ["SETNAME", _options.ClientName]);
        }

        return database == 0 ? RedisValue.Ok : await Send(connection, "SELECT", [database]);
    }

    /// <summary>Runs a command on a connection that no pipeline serves yet; an error is a value.</summary>
    internal ValueTask<RedisValue> Send(RedisConnection connection, string name, ReadOnlySpan<RedisArgument> arguments)
    {
        var command = RedisCommand<RedisValue>.Rent(static reply => reply, tolerant: true);
        command.Deadline = _clock.Now + _clock.CommandTimeout;
        var batch = new CommandBatch();
        batch.Add(command);
        var payload = RespWriter.Encode(name, arguments).ToArray();
        var result = command.AsValueTask();
        if (!connection.TryExpect(batch))
        {
            command.TrySettle();
            command.Settled(RedisConnectionException.NotSent("The connection to Redis was lost: " + connection.Reason?.Message, connection.Reason));
            command.Run();
            return result;
        }

        return SendAsync(connection, payload, result);
    }

    private static async ValueTask<RedisValue> SendAsync(RedisConnection connection, byte[] payload, ValueTask<RedisValue> result)
    {
        await connection.SendAsync(payload);
        return await result;
    }
}
