using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Ducts.Redis;

namespace Ducts.Dispatch.Errors;

/// <summary>Which error a caller sees for an exception, and how much of it.</summary>
internal static class ErrorMapper
{
    /// <summary>Finds the error of an exception.</summary>
    /// <param name="exception">What the handler threw.</param>
    /// <param name="detailed">Option <c>detailed_errors</c>: messages that may hold secrets are sent, too.</param>
    /// <param name="cancelled">Whether the request was cancelled, so that giving up is no fault.</param>
    /// <returns>
    /// The error. When it has a reference, its message hides the exception, which must be logged under that reference.
    /// </returns>
    public static EventError Map(Exception exception, bool detailed, bool cancelled)
    {
        exception = Unwrap(exception);
        if (exception is EventException told)
            return new(told.Name, told.Message);
        if (exception is OperationCanceledException)
        {
            if (cancelled)
                return new(ErrorNames.Runtime, "cancelled");

            // HttpClient and others say in this way that time was up.
            if (exception.InnerException is TimeoutException timeout)
                exception = timeout;
        }

        if (NameOf(exception) is { } name)
            return new(name, exception.Message);
        if (detailed)
            return new(ErrorNames.Runtime, exception.Message);
        var reference = RandomNumberGenerator.GetHexString(8, lowercase: true);
        return new(ErrorNames.Runtime, $"internal error, reference {reference}", reference);
    }

    /// <summary>The name of an exception whose message may be shown; null for every other.</summary>
    public static string? NameOf(Exception exception) => exception switch
    {
        KeyNotFoundException => ErrorNames.Key,
        ArgumentException or FormatException or OverflowException or JsonException => ErrorNames.Value,
        UnauthorizedAccessException => ErrorNames.Permission,
        TimeoutException => ErrorNames.Timeout,
        FileNotFoundException => ErrorNames.FileNotFound,
        NotSupportedException or NotImplementedException => ErrorNames.NotImplemented,
        RedisUnavailableException => ErrorNames.Connection,
        TopicLimitException => ErrorNames.Runtime,
        _ => null,
    };

    /// <summary>The exception that reflection, or a task of tasks, has wrapped; of several, the first, as <c>await</c> has it.</summary>
    public static Exception Unwrap(Exception exception)
    {
        while (exception is AggregateException or TargetInvocationException && exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }
}
