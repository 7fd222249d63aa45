using System.Management.Automation;

namespace UsageTracking.Cmdlets.Output;

/// <summary>A line of a chart: to everyone a plain text, to the format view one with colours.</summary>
internal static class ChartLine
{
    /// <summary>By this name the view is found.</summary>
    public const string TypeName = "UsageTracking.Charts.ChartLine";

    /// <summary>What the view shows.</summary>
    public const string Coloured = "Coloured";

    public static PSObject Make(string line, string coloured)
    {
        var text = new PSObject(line);
        text.TypeNames.Insert(0, TypeName);
        text.Properties.Add(new PSNoteProperty(Coloured, coloured));
        return text;
    }
}
