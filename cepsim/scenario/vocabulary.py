"""The closed vocabularies of a scenario: publics, operators, stages, intensities, projects, populations.

Each is a `Literal` (for types and the schema) and the tuple of its values, in the order of the tables.
Codes of regions are not here: they come from the tables.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Public = Literal[
    "salaries_cdi",
    "salaries_cdd",
    "interimaires",
    "alternants_jeunes_contrats",
    "independants",
    "agents_publics",
    "de_licenciement_eco",
    "de_rupture_conventionnelle",
    "de_fin_contrat_court",
    "de_autres",
    "sortants_formation_initiale",
]
PUBLICS: tuple[Public, ...] = get_args(Public)

PRIVATE_EMPLOYEES: tuple[Public, ...] = PUBLICS[:4]
"""The four publics of the private employees (`salaries_prives` in the tables)."""

IN_WORK: tuple[Public, ...] = PUBLICS[:6]
"""The six publics that sum to the population in work."""

JOB_SEEKERS: tuple[Public, ...] = PUBLICS[6:10]
"""The four publics that sum to the unemployed (BIT)."""

ACCOUNT_HOLDERS: tuple[Public, ...] = (*PRIVATE_EMPLOYEES, *JOB_SEEKERS)
"""Who has a compte personnel de formation (ANI of 11 January 2013, article 5)."""

SCHOOL_LEAVERS: Public = "sortants_formation_initiale"
"""Outside the active population: known by a yearly event, never by a stock."""

Operator = Literal["opacif", "apec", "pole_emploi", "missions_locales", "cap_emploi"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)

Team = Literal["advisers", "first_line"]
TEAMS: tuple[Team, ...] = get_args(Team)

Stage = Literal["information", "accueil", "conseil", "formalisation", "ingenierie"]
STAGES: tuple[Stage, ...] = get_args(Stage)

Charged = Literal["accueil", "conseil", "formalisation", "bilan"]
"""What may be charged to the person's account: the hours of interviews at a stage, or those of a bilan."""

IfShort = Literal["excluded", "usual_payers"]
"""What becomes of people whose account does not hold the hours charged: they leave, or others pay."""

Intensity = Literal["actuelle", "centrale", "approfondie"]
INTENSITIES: tuple[Intensity, ...] = get_args(Intensity)

Project = Literal["formation", "vae", "mobilite_externe", "mobilite_interne", "creation_reprise"]
PROJECTS: tuple[Project, ...] = get_args(Project)

Population = Literal["salaries", "demandeurs_emploi", "jeunes"]
POPULATIONS: tuple[Population, ...] = get_args(Population)

Autonomy = Literal["high", "mid", "low"]
AUTONOMY: tuple[Autonomy, ...] = get_args(Autonomy)

Perimeter = Literal["registered", "all"]
"""Which job seekers a wave admits: those registered at Pôle emploi, or every unemployed person (BIT)."""

AccueilOfJobSeekers = Literal["marginal", "distinct"]
"""Accueil at Pôle emploi: a few minutes more in the registration interview, or an interview of its own."""

Engineering = Literal["in", "out"]
"""Whether CEP advisers put files together (in) or leave them to the financers (out)."""

ConseilWork = Literal["tests", "enquetes", "mises_en_situation"]
"""What people do in a conseil between its interviews."""
CONSEIL_WORKS: tuple[ConseilWork, ...] = get_args(ConseilWork)

BilanPlace = Literal["beside", "module"]
"""Whether a bilan is bought beside CEP, in one length, or is a module of it as deep as a diagnosis says."""

BilanCondition = Literal["not_asked", "plan", "refused"]
"""Whether a bilan asks for a condition of the leave, and what becomes of those who do not meet it."""

ReducedActivity = Literal["as_others", "pole_emploi"]
"""Who receives employees in activité réduite: the operator of any employee, or for some Pôle emploi."""
BOUNDS_OF_BILANS: Mapping[str, str] = MappingProxyType(
    {"opacif": "bilans_of_providers", "pole_emploi": "bilans_of_psychologists"}
)
"""Keys of `service` that bound the bilans of a year, by the operator whose people they are."""

BilanDepth = Literal["short", "middle", "long"]
"""How deep a bilan goes; its hours are in the tables."""
BILAN_DEPTHS: tuple[BilanDepth, ...] = get_args(BilanDepth)

Ramp = Literal["none", "central"]
"""Which path of staff the tables' rows `ramp_central` give."""

Teams = Literal["versatile", "dedicated"]
"""Whether an operator's advisers of a region are one team, or two: for accueils, and for what follows."""

SharedPlatform = Literal["none", "regional", "national"]
"""Who answers the telephone: each operator, or one platform for all, of a region or of the country."""

Character = Literal["redeployed", "new"]
"""Whether posts are existing staff reassigned, or new money."""

Payer = Literal[
    "etat",
    "etat_csp_dispositifs",
    "regions",
    "collectivites",
    "unedic",
    "pole_emploi",
    "contribution_cif_employeurs",
    "cpf_opca",
    "fpspp",
    "opca",
    "employeurs",
    "cadres",
    "agefiph",
    "fiphfp",
    "autres",
]
"""Who pays, as in the table of payers."""

Path = Literal["received", "entering_conseil", "project"]
"""What a tariff is paid for: a person received, one who enters conseil, or a project completed."""

CostBlock = Literal["advisers", "first_line", "bilans", "launch", "regions", "employers"]
"""Natures of cost taken together."""

Commitment = Literal["cif_cdi", "cif_cdd", "training", "vae"]
"""What is paid to people once their project is accepted, beside the service: CIF, training and VAE."""

BudgetWay = Literal["cif_cdi", "cif_cdd"]
"""The budgets of commissions: CIF of permanent and agency contracts, of fixed-term ones."""

PostsOfAClosure = Literal["end", "heir"]
"""What becomes of the posts of an operator that stops: paid no more, or the heir's."""

Evening = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
"""The days that may have an evening, in the order of the week."""
EVENINGS: tuple[Evening, ...] = get_args(Evening)

PostsOfAShift = Literal["moved", "added"]
"""Whether the hours of a shift are taken from the day, or those of posts added for it."""

Euros = Literal["constant", "current"]
"""Euros of the year of prices, or of the year in which they are spent."""

Status = Literal["ex_ante", "ex_post"]
"""Whether a scenario uses only what could be known in November 2013."""
