using System.Reflection;
using System.Text.Json;
using Ducts.Dispatch.Errors;
using Ducts.Redis;

namespace Ducts.Tests.Dispatch.Errors;

public class ErrorMapperTests
{
    public static TheoryData<Exception, string> Shown => new()
    {
        { new KeyNotFoundException("no such group"), "KeyError('no such group')" },
        { new ArgumentException("bad"), "ValueError('bad')" },
        { new ArgumentOutOfRangeException(null, "too far"), "ValueError('too far')" },
        { new FormatException("bad"), "ValueError('bad')" },
        { new UriFormatException("bad"), "ValueError('bad')" },
        { new OverflowException("bad"), "ValueError('bad')" },
        { new JsonException("bad"), "ValueError('bad')" },
        { new UnauthorizedAccessException("no"), "PermissionError('no')" },
        { new TimeoutException("late"), "TimeoutError('late')" },
        { new FileNotFoundException("gone"), "FileNotFoundError('gone')" },
        { new NotSupportedException("never"), "NotImplementedError('never')" },
        { new PlatformNotSupportedException("never here"), "NotImplementedError('never here')" },
        { new NotImplementedException("not yet"), "NotImplementedError('not yet')" },
        { new RedisUnavailableException("gone"), "ConnectionError('gone')" },
        { new EventException("PermissionError", "ask Ann"), "PermissionError('ask Ann')" },
        { new EventException("RuntimeError", "out of ducks"), "RuntimeError('out of ducks')" },
        { new TaskCanceledException("late", new TimeoutException("100 s are over")), "TimeoutError('100 s are over')" },
    };

    [Theory]
    [MemberData(nameof(Shown), DisableDiscoveryEnumeration = true)]
    public void An_exception_of_the_table_is_sent_with_its_message(Exception exception, string expected)
    {
        var error = ErrorMapper.Map(exception, detailed: false, cancelled: false);

        Assert.Equal(expected, error.ToString());
        Assert.Null(error.Reference);
    }

    [Theory]
    [MemberData(nameof(Shown), DisableDiscoveryEnumeration = true)]
    public void What_wraps_an_exception_is_looked_through(Exception exception, string expected)
    {
        var wrapped = new AggregateException(new TargetInvocationException(new AggregateException(exception, new InvalidOperationException())));

        Assert.Equal(expected, ErrorMapper.Map(wrapped, detailed: false, cancelled: false).ToString());
    }

    public static TheoryData<Exception> Hidden =>
    [
        new InvalidOperationException("password=secret"),
        new IOException("secret"),
        new DirectoryNotFoundException("/secret"),
        new RedisErrorException("WRONGPASS secret"),
        new ArithmeticException("secret"),
        new AggregateException("secret"),
        new OperationCanceledException("secret"),
    ];

    [Theory]
    [MemberData(nameof(Hidden), DisableDiscoveryEnumeration = true)]
    public void Any_other_exception_is_hidden_behind_a_reference(Exception exception)
    {
        var error = ErrorMapper.Map(exception, detailed: false, cancelled: false);

        Assert.Matches("^[0-9a-f]{8}$", error.Reference);
        Assert.Equal($"RuntimeError('internal error, reference {error.Reference}')", error.ToString());
    }

    [Fact]
    public void References_differ()
    {
        var one = ErrorMapper.Map(new IOException(), detailed: false, cancelled: false);
        var other = ErrorMapper.Map(new IOException(), detailed: false, cancelled: false);

        Assert.NotEqual(one.Reference, other.Reference);
    }

    [Theory]
    [MemberData(nameof(Hidden), DisableDiscoveryEnumeration = true)]
    public void With_detailed_errors_the_message_is_sent(Exception exception)
    {
        var error = ErrorMapper.Map(exception, detailed: true, cancelled: false);

        Assert.Equal(new EventError("RuntimeError", exception.Message), error);
    }

    [Fact]
    public void A_cancelled_request_says_so()
    {
        var error = ErrorMapper.Map(new TaskCanceledException("A task was canceled.", new TimeoutException()), detailed: false, cancelled: true);

        Assert.Equal(new EventError("RuntimeError", "cancelled"), error);
    }

    [Fact]
    public void A_fault_of_a_cancelled_request_is_still_a_fault() =>
        Assert.Equal("KeyError", ErrorMapper.Map(new KeyNotFoundException(), detailed: false, cancelled: true).Name);
}
