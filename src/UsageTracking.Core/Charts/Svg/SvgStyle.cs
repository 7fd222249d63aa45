namespace UsageTracking.Charts.Svg;

/// <summary>The style of charts, on light and dark screens, wide and narrow ones.</summary>
internal static class SvgStyle
{
    /// <summary>
    /// The colours are told apart by the colour-blind too (after Okabe and Ito), and lines by their dashes. It holds no character
    /// that XML would write otherwise than HTML reads it.
    /// </summary>
    public const string Css = """
        .usage-chart{display:block;width:100%;max-width:960px;height:auto;margin:0 auto;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
        .usage-chart .narrow{display:none}
        .usage-chart .paper{fill:#fff}
        .usage-chart text{fill:#57606a}
        .usage-chart .title{fill:#1f2328;font-weight:600}
        .usage-chart .subtitle,.usage-chart .legend{fill:#1f2328}
        .usage-chart .note{fill:#9a3c00;font-style:italic}
        .usage-chart .value{text-anchor:end}
        .usage-chart .time{text-anchor:middle}
        .usage-chart .grid{stroke:#e3e6ea;stroke-width:1}
        .usage-chart .zero,.usage-chart .mark{stroke:#8c959f;stroke-width:1}
        .usage-chart .now{stroke:#1f2328;stroke-width:1;stroke-dasharray:2 2}
        .usage-chart .line{fill:none;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}
        .usage-chart .line.target{stroke:#57606a;stroke-width:2.2;stroke-dasharray:.1 5.5}
        .usage-chart .line.actual{stroke:#0072b2}
        .usage-chart .line.projected{stroke:#c4500a;stroke-width:2;stroke-dasharray:7 5}
        .usage-chart .dot.actual{fill:#0072b2}
        .usage-chart .dot.target{fill:#6e7781}
        .usage-chart .dot.projected{fill:#c4500a}
        .usage-chart .band{fill:#c4500a;fill-opacity:.16}
        .usage-chart .bar{stroke:#fff;stroke-width:.5}
        .usage-chart .thin{stroke:none;shape-rendering:crispEdges}
        .usage-chart .s0{fill:#0072b2}
        .usage-chart .s1{fill:#d98a00}
        .usage-chart .s2{fill:#00875f}
        .usage-chart .s3{fill:#b5578f}
        .usage-chart .s4{fill:#4da6dd}
        .usage-chart .s5{fill:#8f3600}
        .usage-chart .s6{fill:#5b4a9c}
        .usage-chart .other{fill:#8c959f}
        .usage-chart .partial{fill-opacity:.45}
        .usage-chart .column{fill:#1f2328;fill-opacity:0}
        .usage-chart .tip{display:none;pointer-events:none}
        .usage-chart .hit:hover .tip{display:block}
        .usage-chart .hit:hover .column{fill-opacity:.07}
        .usage-chart .box{fill:#fff;stroke:#8c959f;stroke-width:1}
        .usage-chart .tip-name{fill:#1f2328;font-weight:600}
        .usage-chart .tip-value{fill:#1f2328}
        .usage-chart .spot{fill:none;stroke-width:2}
        .usage-chart .spot.target{stroke:#6e7781}
        .usage-chart .spot.actual{stroke:#0072b2}
        .usage-chart .spot.projected{stroke:#c4500a}
        @media (max-width:640px){
        .usage-chart .wide{display:none}
        .usage-chart .narrow{display:inline}
        .usage-chart .narrow .line{stroke-width:1.8}
        .usage-chart .narrow .line.target{stroke-width:1.8;stroke-dasharray:.1 4}
        .usage-chart .narrow .line.projected{stroke-width:1.6;stroke-dasharray:5 3.5}
        }
        @media (prefers-color-scheme:dark){
        .usage-chart .paper{fill:#0d1117}
        .usage-chart text{fill:#9198a1}
        .usage-chart .title,.usage-chart .subtitle,.usage-chart .legend,.usage-chart .tip-name,.usage-chart .tip-value{fill:#f0f6fc}
        .usage-chart .note{fill:#f5a45d}
        .usage-chart .grid{stroke:#262c36}
        .usage-chart .zero,.usage-chart .mark{stroke:#6e7681}
        .usage-chart .now{stroke:#f0f6fc}
        .usage-chart .line.target,.usage-chart .spot.target{stroke:#9198a1}
        .usage-chart .line.actual,.usage-chart .spot.actual{stroke:#56b4e9}
        .usage-chart .line.projected,.usage-chart .spot.projected{stroke:#f08c3c}
        .usage-chart .dot.target{fill:#9198a1}
        .usage-chart .dot.actual{fill:#56b4e9}
        .usage-chart .dot.projected,.usage-chart .band{fill:#f08c3c}
        .usage-chart .band{fill-opacity:.22}
        .usage-chart .bar:not(.thin){stroke:#0d1117}
        .usage-chart .s0{fill:#56b4e9}
        .usage-chart .s1{fill:#e69f00}
        .usage-chart .s2{fill:#2fbf97}
        .usage-chart .s3{fill:#dd8fbd}
        .usage-chart .s4{fill:#2579b5}
        .usage-chart .s5{fill:#d9632b}
        .usage-chart .s6{fill:#a294e8}
        .usage-chart .other{fill:#6e7681}
        .usage-chart .column{fill:#f0f6fc}
        .usage-chart .box{fill:#161b22;stroke:#6e7681}
        }
        """;
}
