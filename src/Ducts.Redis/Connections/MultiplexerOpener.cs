using StackExchange.Redis;

namespace Ducts.Redis.Connections;

/// <summary>Opens a multiplexer, and says at once and exactly why where that fails.</summary>
internal static class MultiplexerOpener
{
    private static readonly TimeSpan ReasonPatience = TimeSpan.FromSeconds(1);

    /// <exception cref="RedisErrorException">Redis refused the user or the password.</exception>
    /// <exception cref="RedisUnavailableException">Redis cannot be reached.</exception>
    public static async Task<ConnectionMultiplexer> OpenAsync(
        ConfigurationOptions configuration, RedisTransport transport, RedisClientOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var failures = 0;
        void OnAttempt(object? sender, ConnectionAttemptCompletedEventArgs attempt)
        {
            if (attempt.IsSuccess)
            {
                transport.MarkEstablished(attempt.EndPoint, attempt.ConnectionType);
            }
            else if (Interlocked.Increment(ref failures) >= configuration.EndPoints.Count)
            {
                // The library itself would go on trying until the time for connecting is up.
                failed.TrySetResult(FailureReader.ReadAttempt(attempt));
            }
        }

        configuration.ConnectionAttemptCompleted += OnAttempt;

        // What is silent while it signs in is ended by the sweep, which the client's own timer does not do yet.
        using var sweep = options.TimeProvider.CreateTimer(static state => ((RedisTransport)state!).Sweep(), transport, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
        var opening = ConnectionMultiplexer.ConnectAsync(configuration);
        ConnectionMultiplexer? multiplexer = null;
        try
        {
            if (await Task.WhenAny(opening, failed.Task).WaitAsync(cancellationToken) == opening)
            {
                multiplexer = await opening;
                if (multiplexer.IsConnected)
                {
                    return multiplexer;
                }

                // The reason may be on its way still.
                await ((Task)failed.Task).WaitAsync(ReasonPatience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            throw await ReasonAsync(failed.Task, configuration, transport);
        }
        catch
        {
            transport.Close("The attempt to connect was given up.");
            _ = DiscardAsync(opening, transport);
            throw;
        }
    }

    /// <summary>Closes a multiplexer at once: its own closing waits for a server that is silent as long as a command may.</summary>
    public static async Task CloseAsync(IConnectionMultiplexer multiplexer, RedisTransport transport, string reason)
    {
        transport.Close(reason);
        await multiplexer.CloseAsync(allowCommandsToComplete: false);
        await multiplexer.DisposeAsync();
    }

    private static async Task<Exception> ReasonAsync(Task<Exception> failed, ConfigurationOptions configuration, RedisTransport transport)
    {
        if (transport.AbortReason is { } silence)
        {
            return new RedisUnavailableException(silence);
        }

        if (!failed.IsCompleted)
        {
            return new RedisUnavailableException($"Redis at {string.Join(',', configuration.EndPoints.Select(RedisTransport.Describe))} did not answer in time.");
        }

        return await failed is var reason && reason is RedisErrorException { Code: "NOAUTH" } && transport.SignInError is { } refusal
            ? new RedisErrorException(refusal, reason)
            : reason;
    }

    private static async Task DiscardAsync(Task<ConnectionMultiplexer> opening, RedisTransport transport)
    {
        try
        {
            await CloseAsync(await opening, transport, "The attempt to connect was given up.");
        }
        catch (Exception)
        {
            // It could not be opened, which its caller has been told.
        }
    }
}
