using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Ducts.MessagePack;
using Ducts.Protocol;
using Ducts.Redis;

namespace Ducts.Dispatch.Errors;

/// <summary>Which error a caller sees for an exception, and how much of it.</summary>
internal static class ErrorMapper
{
    private static readonly Assembly Own = typeof(ErrorMapper).Assembly;

    /// <summary>Finds the error of an exception.</summary>
    /// <param name="exception">What the handler threw.</param>
    /// <param name="code">Where the handler's code is.</param>
    /// <param name="detailed">Option <c>detailed_errors</c>: messages that may hold secrets are sent, too.</param>
    /// <param name="cancelled">Whether the request was cancelled, so that giving up is no fault.</param>
    /// <returns>
    /// The error. When it has a reference, its message hides the exception, which must be logged under that reference.
    /// </returns>
    public static EventError Map(Exception exception, Assembly code, bool detailed, bool cancelled) =>
        Map(exception, thrower => thrower == code, detailed, cancelled);

    /// <inheritdoc cref="Map(Exception, Assembly, bool, bool)"/>
    /// <param name="exception">What the handler threw.</param>
    /// <param name="isOwnCode">Says of an assembly whether the code that answers is there.</param>
    /// <param name="detailed">Option <c>detailed_errors</c>: messages that may hold secrets are sent, too.</param>
    /// <param name="cancelled">Whether the request was cancelled, so that giving up is no fault.</param>
    public static EventError Map(Exception exception, Func<Assembly, bool> isOwnCode, bool detailed, bool cancelled)
    {
        exception = Unwrap(exception);
        if (exception is EventException told)
        {
            return new(told.Name, told.Message);
        }

        if (exception is OperationCanceledException)
        {
            if (cancelled)
            {
                return new(ErrorNames.Runtime, "cancelled");
            }

            // HttpClient and others say in this way that time was up.
            if (exception.InnerException is TimeoutException timeout)
            {
                exception = timeout;
            }
        }

        if (exception is RedisErrorException { IsTransient: true } refusal && !detailed)
        {
            // Of Redis' own text the code: the rest may name hosts.
            return new(ErrorNames.Connection, $"Redis refuses commands at the moment: {refusal.Code}");
        }

        var name = NameOf(exception);
        if (detailed || (name is not null && IsForCallers(exception, isOwnCode)))
        {
            return new(name ?? ErrorNames.Runtime, exception.Message);
        }

        var reference = RandomNumberGenerator.GetHexString(8, lowercase: true);
        return new(name ?? ErrorNames.Runtime, $"internal error, reference {reference}", reference);
    }

    /// <summary>Returns the name of an exception that callers may tell from others; null for every other.</summary>
    public static string? NameOf(Exception exception) => exception switch
    {
        KeyNotFoundException => ErrorNames.Key,
        ArgumentException or FormatException or OverflowException or JsonException => ErrorNames.Value,
        UnauthorizedAccessException => ErrorNames.Permission,
        TimeoutException => ErrorNames.Timeout,
        FileNotFoundException => ErrorNames.FileNotFound,
        NotSupportedException or NotImplementedException => ErrorNames.NotImplemented,
        RedisUnavailableException or RedisErrorException { IsTransient: true } => ErrorNames.Connection,
        TopicLimitException or GroupLimitException => ErrorNames.Runtime,
        MessagePackWriteException { ExtensionType: not null } => ErrorNames.Type,
        _ => null,
    };

    /// <summary>Returns the exception that reflection, or a task of tasks, has wrapped; of several, the first, as <c>await</c> has it.</summary>
    public static Exception Unwrap(Exception exception)
    {
        while (exception is AggregateException or TargetInvocationException && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception;
    }

    /// <summary>
    /// Returns whether the message of an exception was made for callers: by the handler's own code, or by this library. What
    /// .NET and other libraries say of a fault names the server's paths, hosts and internals.
    /// </summary>
    private static bool IsForCallers(Exception exception, Func<Assembly, bool> isOwnCode)
    {
        if (exception is RedisUnavailableException or MessagePackWriteException { ExtensionType: not null })
        {
            return true;
        }

        foreach (var frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            var type = frame.GetMethod()?.DeclaringType;
            // What an await throws again was made somewhere else.
            if (type?.Namespace is "System.Runtime.CompilerServices" or "System.Runtime.ExceptionServices" or "System.Threading.Tasks")
            {
                continue;
            }

            var thrower = frame.GetMethod()?.Module.Assembly;
            return thrower is not null && (isOwnCode(thrower) || thrower == Own);
        }

        // It was never thrown: the handler made it, and returned it as the outcome of its task.
        return true;
    }
}
