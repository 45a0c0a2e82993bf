using System.Globalization;

namespace Ducts.Scripting.Ownership;

/// <summary>A user as messages name one.</summary>
internal static class UserName
{
    private const string Accounts = "/etc/passwd";

    /// <summary>Returns the name and the id of a user, or the id alone where the name is not in the file of accounts.</summary>
    public static string Of(uint id)
    {
        var number = id.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (var line in File.ReadLines(Accounts))
            {
                var fields = line.Split(':');
                if (fields.Length > 2 && fields[2] == number)
                {
                    return $"{fields[0]} ({number})";
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The number says it, too.
        }

        return number;
    }
}
