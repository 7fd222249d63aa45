BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $pages = (Get-ChildItem $PSScriptRoot/../docs/*-Usage*.md).BaseName
    # They are of November 2026. They run sqlite3 and scripts of sh.
    $canRun = $IsLinux -and [datetime]::UtcNow -gt [datetime] '2026-11-26'
    $texts = Get-ChildItem $PSScriptRoot/../README.md, $PSScriptRoot/../docs/*.md | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/../build/Tools.ps1
}

Describe 'Examples' -Skip:(-not $canRun) {
    BeforeAll {
        $differences = Invoke-Pwsh "$PSScriptRoot/Invoke-Example.ps1" 2>"$TestDrive/errors" | Select-Object -Last 1 | ConvertFrom-Json -AsHashtable
        if (-not $differences) { throw (Get-Content "$TestDrive/errors" -Raw) }
    }

    It 'of <_> print what the page shows' -ForEach $pages {
        if (-not $differences.ContainsKey($_)) { Set-ItResult -Skipped -Because 'there is no PostgreSQL' }
        $differences[$_] -join "`n" | Should -BeNullOrEmpty
    }
}

Describe 'The code in <Name>' -ForEach $texts {
    It 'is PowerShell, with commands and parameters that there are' {
        $blocks = [regex]::Matches((Get-Content $Path -Raw), '(?ms)^```powershell\r?\n(.*?)^```').ForEach({ $_.Groups[1].Value })
        $problems = foreach ($block in $blocks) {
            # After prompts, what they print stands in between.
            if ($block -match '(?m)^PS> ') { $block = ($block -split '\r?\n' -match '^(PS>|>>) ' -replace '^(PS>|>>) ') -join "`n" }
            $errors = $null
            $ast = [System.Management.Automation.Language.Parser]::ParseInput($block, [ref] $null, [ref] $errors)
            $errors | ForEach-Object { "$_" }
            $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -like '*-Usage*' }, $true) | ForEach-Object {
                if (-not (Get-Command $_.GetCommandName() -ErrorAction Ignore)) { "There is no $($_.GetCommandName())." }
                $binding = [System.Management.Automation.Language.StaticParameterBinder]::BindCommand($_)
                foreach ($problem in $binding.BindingExceptions.Values) { "$($_): $($problem.BindingException.Message)" }
            }
        }
        $problems -join "`n" | Should -BeNullOrEmpty
    }
}
