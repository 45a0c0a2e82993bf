namespace Ducts.Client.Tests;

public sealed class ErrorTextTests
{
    [Theory]
    [InlineData("KeyError('no such group')", "KeyError", "no such group")]
    [InlineData("ValueError('it\\'s \\\\ \\n\\r\\t')", "ValueError", "it's \\ \n\r\t")]
    [InlineData("TypeError('\\xe9 \\u65e5 \\U0001f986')", "TypeError", "é 日 🦆")]
    [InlineData("RuntimeError(\"it's\")", "RuntimeError", "it's")]
    [InlineData("RuntimeError()", "RuntimeError", "")]
    [InlineData("redis.Error('x')", "redis.Error", "x")]
    [InlineData("OSError(2, 'x')", "OSError", "2, 'x'")]
    [InlineData("KeyError('cut", "Error", "KeyError('cut")]
    [InlineData("KeyError('\\q')", "KeyError", "'\\q'")]
    [InlineData("KeyError('\\x1')", "KeyError", "'\\x1'")]
    [InlineData("plain text", "Error", "plain text")]
    [InlineData("", "Error", "")]
    [InlineData("('x')", "Error", "('x')")]
    public void The_text_of_an_error_is_taken_apart(string text, string name, string message)
    {
        var error = new DuctsRemoteException(1000, text);

        Assert.Equal(name, error.Name);
        Assert.Equal(message, error.Message);
        Assert.Equal(text, error.Text);
        Assert.Equal(1000, error.EventId);
    }
}
