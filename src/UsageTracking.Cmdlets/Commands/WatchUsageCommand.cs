using System.Management.Automation;
using UsageTracking.Charts.Terminal;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Watch;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Watch, "Usage")]
[OutputType(typeof(UsageSample))]
public sealed class WatchUsageCommand : SelectionCmdlet
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    // How often the window's size is looked at, in milliseconds.
    private const int Glance = 250;

    // Not from the pipeline: the first input would be watched for ever.
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public override string[] Service { get; set; } = ["*"];

    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public override string[]? CustomerId { get; set; }

    [Parameter]
    [SecondsTransformation]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(2);

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    [Parameter]
    public SwitchParameter AsObject { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        if (Every < Shortest || Every > Longest)
        {
            throw new UsageException(UsageErrorKind.InvalidInput, "InvalidInterval",
                "A watch looks every 0.1 seconds to once a day. Give the seconds from one look to the next, such as 2.", Every);
        }

        Prepare();
        TimeZoneInfo zone = ZoneOf(TimeZone);
        // Once, so that what was just added is seen. After that the background stores it by size and age as ever; a watch that
        // flushed at each look would make small chunks of everything.
        FlushPending(Connection);
        if (!Select())
            return;

        var question = new WatchQuestion
        {
            Customers = Customers,
            HasEveryCustomer = CustomersOrAll is null,
            Services = Services,
            HasEveryService = EveryService,
            Zone = zone,
            Thresholds = Session.Options.Thresholds,
        };
        var watch = new UsageWatch(Connection.Store, question, () => Session.Spools) { Every = Every };
        WatchView first = Wait(watch.NextAsync(Cancel));
        if (!AsObject && TerminalWindow.IsNext(Host, MyInvocation) && TerminalWindow.Size(Host) is not null)
            Draw(watch, first);
        else
            Write(watch, first);
    }

    private void Write(UsageWatch watch, WatchView view)
    {
        WriteObject(view.Samples, enumerateCollection: true);
        for (int looks = 1; looks < Count; looks++)
        {
            bool wasAway = view.Problem is not null;
            view = WaitOutOfSight(watch.NextAsync(Cancel), () => { });
            if (view.Problem is null)
                WriteObject(view.Samples, enumerateCollection: true);
            else if (!wasAway)
                WriteWarning(view.Problem);

            WriteNews();
        }
    }

    private void Draw(UsageWatch watch, WatchView view)
    {
        var frame = new TerminalFrame();
        (int Width, int Height) drawn = default;
        try
        {
            Draw();
            for (int looks = 1; looks < Count; looks++)
            {
                view = WaitOutOfSight(watch.NextAsync(Cancel), () =>
                {
                    if (TerminalWindow.Size(Host) != drawn)
                        Draw();
                });
                Draw();
            }
        }
        finally
        {
            // Also where Ctrl-C or an error ends it.
            Host.UI.Write(TerminalFrame.End());
        }

        void Draw()
        {
            drawn = TerminalWindow.Size(Host) ?? drawn;
            // Neither into the last column nor the last line, where terminals differ in what comes next.
            var settings = new TerminalSettings { Width = drawn.Width - 1, Height = drawn.Height - 1, UsesColour = TerminalWindow.TakesColour };
            Host.UI.Write(frame.Draw(WatchPicture.Draw(view, settings, Environment.ProcessId), drawn.Width, drawn.Height));
        }
    }

    /// <summary>Waits without progress, which would be drawn over the picture, and would only say that time passes.</summary>
    private WatchView WaitOutOfSight(Task<WatchView> look, Action onGlance)
    {
        while (Task.WaitAny([look], Glance, Cancel) != 0)
            onGlance();

        return look.GetAwaiter().GetResult();
    }
}
