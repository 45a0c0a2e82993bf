using StackExchange.Redis;

namespace Ducts.Redis.Connections;

/// <summary>Reads what StackExchange.Redis throws: what became of the command, and whether the server was the right one.</summary>
internal static class FailureReader
{
    public static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }

    /// <summary>Whether the command was certainly not carried out, so that it may be sent (again).</summary>
    public static bool IsCertainlyNotDone(Exception exception) => exception switch
    {
        RedisConnectionException connection => connection.CommandStatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog
            || IsRefusedRedirection(connection),
        RedisTimeoutException timeout => timeout.Commandstatus is CommandStatus.WaitingToBeSent or CommandStatus.WaitingInBacklog,
        RedisServerException error => error.Kind is RedisErrorKind.Moved or RedisErrorKind.Ask or RedisErrorKind.TryAgain
            or RedisErrorKind.ClusterDown or RedisErrorKind.UnknownRedirectTarget,
        RedisUnavailableException unavailable => !unavailable.IsOutcomeUnknown,
        RedisErrorException error => error.Code is "MOVED" or "ASK" or "TRYAGAIN" or "CLUSTERDOWN",
        ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>Whether the server said that it is the wrong one, or not ready: another look may find a better one.</summary>
    public static bool IsWrongServer(Exception exception) =>
        exception is RedisServerException { Kind: RedisErrorKind.ReadOnly or RedisErrorKind.Loading or RedisErrorKind.MasterDown or RedisErrorKind.NoAuth };

    /// <summary>Translates what a command ended with into what callers see.</summary>
    public static Exception Read(Exception exception) => exception switch
    {
        RedisClientException or OperationCanceledException => exception,
        RedisServerException error => new RedisErrorException(TextOf(error), error),
        RedisCommandException refused => new InvalidOperationException(refused.Message, refused),
        RedisConnectionException or RedisTimeoutException or ObjectDisposedException => IsCertainlyNotDone(exception)
            ? RedisUnavailableException.NotSent("There is no connection to Redis: " + Describe(exception), exception)
            : RedisUnavailableException.Unanswered("The connection to Redis was lost: " + Describe(exception), exception),
        _ => exception,
    };

    /// <summary>Translates why a connection could not be opened.</summary>
    public static Exception ReadAttempt(ConnectionAttemptCompletedEventArgs attempt)
    {
        var cause = attempt.Exception;
        for (var at = cause; at is not null; at = at.InnerException)
        {
            if (at is RedisClientException known)
            {
                return known;
            }

            if (at is RedisServerException error && error.Kind is RedisErrorKind.WrongPass or RedisErrorKind.NoAuth or RedisErrorKind.NoPermission)
            {
                return new RedisErrorException(error.Message, error);
            }
        }

        var endpoint = attempt.EndPoint is null ? "an unknown address" : RedisTransport.Describe(attempt.EndPoint);
        return attempt.FailureType switch
        {
            _ when attempt.FailureType == ConnectionFailureType.ProtocolFailure || Describe(cause).StartsWith("RESP ", StringComparison.Ordinal) => new RedisUnavailableException($"What came from {endpoint} is not RESP: {Describe(cause)}", cause),
            ConnectionFailureType.AuthenticationFailure when ErrorTextIn(cause) is { } text => new RedisErrorException(text, cause),
            _ => new RedisUnavailableException($"Redis at {endpoint} cannot be reached: {Describe(cause)}", cause),
        };
    }

    public static string Describe(Exception? exception)
    {
        if (exception is null)
        {
            return "no reason is known.";
        }

        // The library's own message ends in diagnostics of a line's length; its cause says what happened.
        var text = Innermost(exception).Message;
        var end = text.IndexOf(", mc: ", StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    /// <summary>Whether the user may not do that.</summary>
    public static bool IsDenial(Exception exception) => exception is RedisServerException { Kind: RedisErrorKind.NoPermission };

    /// <summary>Returns Redis' text; the library has one of its own for redirections that it does not follow.</summary>
    public static string TextOf(RedisServerException error) =>
        error.Kind == RedisErrorKind.Moved && !error.Message.StartsWith("MOVED ", StringComparison.Ordinal) ? "MOVED " + error.Message : error.Message;

    /// <summary>Whether the library could not follow a redirection, by which Redis has refused the command.</summary>
    public static bool IsRefusedRedirection(Exception exception) =>
        exception is RedisConnectionException &&
        exception.Message.StartsWith("Endpoint ", StringComparison.Ordinal);

    private static string? ErrorTextIn(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            foreach (var code in (ReadOnlySpan<string>)["WRONGPASS ", "NOAUTH ", "NOPERM "])
            {
                var start = exception.Message.IndexOf(code, StringComparison.Ordinal);
                if (start >= 0)
                {
                    return exception.Message[start..];
                }
            }
        }

        return null;
    }
}
