namespace UsageTracking.Metering;

/// <summary>Which texts may name a customer.</summary>
public static class CustomerIds
{
    /// <summary>The customer where none is named.</summary>
    public const string Default = "default";

    private const int LongestId = 255;

    /// <summary>Returns the id, or says why it is none.</summary>
    /// <exception cref="UsageException"><c>InvalidCustomerId</c>.</exception>
    public static string Check(string? id)
    {
        if (string.IsNullOrWhiteSpace(id))
            throw Invalid(id, "The customer id is empty. Give an id, or leave it out for the connected customer.");

        if (id.Length > LongestId)
            throw Invalid(id, $"The customer id has {id.Length} characters; at most {LongestId} are kept.");

        // Nearly every id is one that was just checked.
        foreach (char c in id)
        {
            if (char.IsControl(c) || char.IsSurrogate(c))
                throw Invalid(id, $"The customer id holds the character U+{(int)c:X4}, which no id may hold. Use letters, digits and signs such as - _ . @ :");

            if (c is '*' or '?')
                throw Invalid(id, $"The customer id '{id}' holds a wildcard. Usage is recorded for one customer; wildcards select customers when reading.");
        }

        if (char.IsWhiteSpace(id[0]) || char.IsWhiteSpace(id[^1]))
            throw Invalid(id, $"The customer id '{id}' begins or ends with a space. Remove it.");

        return id;
    }

    private static UsageException Invalid(string? id, string message) => UsageException.Invalid("InvalidCustomerId", message, id);
}
