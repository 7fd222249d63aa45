using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace UsageTracking.Cmdlets.Completion;

/// <summary>
/// Completes one of the names there are: first those that begin with what was typed, then those that have it somewhere. What
/// was typed may hold wildcards.
/// </summary>
public abstract class NameCompleter : IArgumentCompleter
{
    private const string Quotes = "'\"\u2018\u2019\u201c\u201d";

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return [.. Matching(Names(fakeBoundParameters), wordToComplete ?? "")];
        }
        catch (Exception error) when (error is UsageException or WildcardPatternException)
        {
            // Whoever types is not interrupted; the cmdlet itself will say what is wrong.
            return [];
        }
    }

    /// <summary>The names, in the order in which they are offered.</summary>
    /// <param name="bound">The other parameters, as far as they are known while somebody types.</param>
    private protected abstract IEnumerable<OfferedName> Names(IDictionary bound);

    /// <summary>The names given to another parameter.</summary>
    private protected static IReadOnlyList<string> Given(IDictionary bound, string parameter) => bound[parameter] switch
    {
        null => [],
        string name => [name],
        IEnumerable names => [.. names.Cast<object?>().Select(n => n?.ToString() ?? "")],
        var name => [name.ToString() ?? ""],
    };

    private static IEnumerable<CompletionResult> Matching(IEnumerable<OfferedName> names, string typed)
    {
        string word = typed.Trim(Quotes.ToCharArray());
        bool isQuoted = word.Length < typed.Length;
        var begins = new WildcardPattern(word + "*", WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        var has = new WildcardPattern("*" + word + "*", WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return names.Where(n => has.IsMatch(n.Name))
            .OrderBy(n => begins.IsMatch(n.Name) ? 0 : 1)
            .Select(n => new CompletionResult(
                isQuoted || !IsPlain(n.Name) ? $"'{CodeGeneration.EscapeSingleQuotedStringContent(n.Name)}'" : n.Name,
                n.Name, CompletionResultType.ParameterValue, n.About ?? n.Name));
    }

    // What the shell takes as one word and as text: a digit or a sign in front could make a number or a parameter of it.
    private static bool IsPlain(string name) =>
        char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '+' or '\\' or ':');
}
