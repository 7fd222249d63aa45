using System.Management.Automation;
using UsageTracking.Charts;
using UsageTracking.Charts.Terminal;
using UsageTracking.Cmdlets.Output;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Show, "UsageChart")]
[OutputType(typeof(string))]
public sealed class ShowUsageChartCommand : ChartCmdlet
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    // What the prompt takes, so that the heading does not scroll away.
    private const int Prompt = 2;

    [Parameter]
    [ValidateRange(10, 1000)]
    public int Width { get; set; }

    [Parameter]
    [ValidateRange(8, 1000)]
    public int Height { get; set; }

    [Parameter]
    public SwitchParameter Ascii { get; set; }

    /// <inheritdoc/>
    protected override void Draw(IReadOnlyList<Chart> charts)
    {
        (int windowWidth, int windowHeight) = TerminalWindow.Size(Host) ?? (UsualWidth + 1, UsualHeight);
        int width = Width > 0 ? Width : windowWidth - 1;
        // Taller, its slopes would look steeper than they are.
        int height = Height > 0 ? Height : Math.Clamp(width / 4, 12, Math.Max(12, windowHeight - Prompt));
        var settings = new TerminalSettings { Width = width, Height = height, IsAscii = Ascii };

        IEnumerable<string> plain = TerminalChart.Draw(charts, settings, Title);
        if (width >= windowWidth || !GoesToTerminal())
        {
            WriteObject(plain, enumerateCollection: true);
            return;
        }

        foreach ((string line, string coloured) in plain.Zip(TerminalChart.Draw(charts, settings with { UsesColour = true }, Title)))
            WriteObject(ChartLine.Make(line, coloured));
    }

    // What follows in the pipeline wants plain text. Whether a file or the screen follows, only the format view knows; it
    // takes the colours off for a file, but it also breaks what is wider than one column less than the window.
    private bool GoesToTerminal() => TerminalWindow.IsNext(Host, MyInvocation) && TerminalWindow.TakesColour;
}
